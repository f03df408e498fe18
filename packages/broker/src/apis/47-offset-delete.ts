import { errorIds } from '@isthmus/protocol'
import { offsetDelete } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

export const offsetDeleteEndpoint = endpoint(offsetDelete, ({ topics, coordinators }, request) => {
  const keys = request.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
  )
  const known = keys.filter(({ topic, partition }) => topics.partition(topic, partition))
  const deleted = coordinators.commits.delete(request.groupId, known)
  if (typeof deleted === 'number') return { errorCode: deleted }
  let next = 0
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: topics.partition(name, partitionIndex)
          ? (deleted[next++] ?? errorIds.UNKNOWN_SERVER_ERROR)
          : errorIds.UNKNOWN_TOPIC_OR_PARTITION,
      })),
    })),
  }
})
