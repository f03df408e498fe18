import { errorIds } from '@isthmus/protocol'
import { offsetCommit } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v2–v4: a retention time per request · v6: leader epochs · v7: static members · v9: GROUP_ID_NOT_FOUND · v10: topic ids */
export const offsetCommitEndpoint = endpoint(offsetCommit, ({ topics, coordinators }, request, call) => {
  const items = request.topics.flatMap(({ name, topicId, partitions }) => {
    const topic = call.version >= 10 ? topics.withId(topicId) : topics.named(name)
    return partitions.map((p) => {
      const isKnown = topic?.partitions[p.partitionIndex] !== undefined
      const unknown = call.version >= 10 && !topic ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION'
      return {
        error: isKnown ? errorIds.NONE : errorIds[unknown],
        topic: topic?.name ?? name,
        topicId: topic?.id ?? topicId,
        partition: p.partitionIndex,
        offset: p.committedOffset,
        leaderEpoch: p.committedLeaderEpoch,
        metadata: p.committedMetadata,
      }
    })
  })
  const committer = { ...request, generationId: request.generationIdOrMemberEpoch }
  const accepted = items.filter((item) => item.error === errorIds.NONE)
  const errors = coordinators.commits.commit(committer, accepted, request.retentionTimeMs, call.version)
  accepted.forEach((item, i) => {
    item.error = errors[i] ?? errorIds.UNKNOWN_SERVER_ERROR
  })
  let next = 0
  return {
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: items[next++]?.error ?? errorIds.UNKNOWN_SERVER_ERROR,
      })),
    })),
  }
})
