import type { ResponseOf } from '@isthmus/protocol'
import { errorIds } from '@isthmus/protocol'
import type { produce } from '@isthmus/protocol/apis/client'

/** What a broker answers about one batch. */
export type PartitionResponse = ResponseOf<typeof produce>['responses'][number]['partitionResponses'][number]

export function partitionOf(
  response: ResponseOf<typeof produce>,
  of: { readonly topic: string; readonly partition: number },
): PartitionResponse | null {
  for (const topic of response.responses) {
    if (topic.name !== of.topic) continue
    for (const partition of topic.partitionResponses) if (partition.index === of.partition) return partition
  }
  return null
}

export function isSequenceLost(id: number): boolean {
  return id === errorIds.OUT_OF_ORDER_SEQUENCE_NUMBER || id === errorIds.UNKNOWN_PRODUCER_ID
}
