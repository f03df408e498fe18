import type { ResponseOf } from '@isthmus/protocol'
import { errorIds, errorOf } from '@isthmus/protocol'
import type { produce } from '@isthmus/protocol/apis/client'
import { KafkaError, kafkaError } from '../errors.ts'
import type { TopicPartition } from '../topic-partition.ts'

/** What a broker answers about one batch. */
export type PartitionResponse = ResponseOf<typeof produce>['responses'][number]['partitionResponses'][number]

/** What has become of a batch that was sent. */
export type Outcome =
  /** It is in the log; null: where, nobody tells. */
  | { readonly type: 'appended'; readonly response: PartitionResponse | null }
  /** Its records may go in smaller batches. */
  | { readonly type: 'too large' }
  /** An earlier batch is missing: either that one is being sent again, or the log lost it. */
  | { readonly type: 'sequence lost'; readonly error: KafkaError; readonly leaderInDoubt: boolean }
  | {
      readonly type: 'failed'
      readonly error: KafkaError
      readonly leaderInDoubt: boolean
      /** The broker says that it did not take it; otherwise it may be in the log. */
      readonly refused: boolean
    }

/** What an answer, or the lack of one, means for a batch of `count` records. */
export function outcomeOf(
  answer: ResponseOf<typeof produce> | KafkaError,
  of: TopicPartition,
  count: number,
  { acks, idempotent }: { readonly acks: number; readonly idempotent: boolean },
): Outcome {
  if (answer instanceof Error)
    return { type: 'failed', error: answer, leaderInDoubt: answer.retriable, refused: false }
  if (acks === 0) return { type: 'appended', response: null }
  const response = partitionOf(answer, of)
  if (response === null) {
    const error = new KafkaError('MALFORMED', `Produce response lacks ${of.topic}-${of.partition}`)
    return { type: 'failed', error, leaderInDoubt: false, refused: false }
  }
  const { errorCode: id } = response
  if (id === 0) return { type: 'appended', response }
  if (id === errorIds.DUPLICATE_SEQUENCE_NUMBER) return { type: 'appended', response: null }
  if (id === errorIds.MESSAGE_TOO_LARGE && count > 1) return { type: 'too large' }
  const detail = response.errorMessage ?? response.recordErrors[0]?.batchIndexErrorMessage
  const error = kafkaError(id, `Producing to ${of.topic}-${of.partition}`, detail)
  const leaderInDoubt = errorOf(id).remedy === 'refresh'
  return idempotent && isSequenceLost(id)
    ? { type: 'sequence lost', error, leaderInDoubt }
    : { type: 'failed', error, leaderInDoubt, refused: true }
}

function partitionOf(response: ResponseOf<typeof produce>, of: TopicPartition): PartitionResponse | null {
  for (const topic of response.responses) {
    if (topic.name !== of.topic) continue
    for (const partition of topic.partitionResponses) if (partition.index === of.partition) return partition
  }
  return null
}

const isSequenceLost = (id: number): boolean =>
  id === errorIds.OUT_OF_ORDER_SEQUENCE_NUMBER || id === errorIds.UNKNOWN_PRODUCER_ID
