import { deleteRecords } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, RequestError } from '../request-error.ts'

const TO_THE_END = -1

export const deleteRecordsEndpoint = endpoint(deleteRecords, (broker, request) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, offset }) => {
      try {
        const lowWatermark = deleteBefore(broker, name, partitionIndex, offset)
        return { partitionIndex, lowWatermark, errorCode: 0 }
      } catch (error) {
        return { partitionIndex, lowWatermark: -1, errorCode: errorCodeOf(error) }
      }
    }),
  })),
}))

function deleteBefore(broker: BrokerContext, name: string, index: number, offset: number): number {
  const partition = broker.topics.partition(name, index)
  if (!partition) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
  if (partition.topic.internal)
    throw new RequestError('INVALID_TOPIC_EXCEPTION', `Cannot delete records of internal topic ${name}`)
  if (!partition.topic.config.delete)
    throw new RequestError(
      'POLICY_VIOLATION',
      `Records of partition ${name}-${index} can not be deleted due to the configured policy`,
    )
  const { log } = partition
  log.deleteBefore(offset === TO_THE_END ? log.endOffset : offset)
  return log.startOffset
}
