import { errorIds, NO_UUID } from '@isthmus/protocol'
import { describeTopicPartitions } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { LEADER_EPOCH } from '../log/leader-epoch.ts'
import { endpoint } from '../net/endpoint.ts'
import type { Partition } from '../topics/topics.ts'
import { TOPIC_OPERATIONS } from './operations.ts'

/** Answers in pages: topics by name from the cursor on, until the limit of partitions is reached. */
export const describeTopicPartitionsEndpoint = endpoint(describeTopicPartitions, (broker, request) => {
  const { cursor } = request
  const names =
    request.topics.length > 0
      ? [...new Set(request.topics.map(({ name }) => name))].sort()
      : broker.topics.all().map(({ name }) => name)
  let room = Math.max(1, Math.min(request.responsePartitionLimit, 2000))
  const topics = []
  let nextCursor = null
  for (const name of names) {
    if (cursor && name < cursor.topicName) continue
    if (room <= 0) {
      nextCursor = { topicName: name, partitionIndex: 0 }
      break
    }
    const topic = broker.topics.named(name)
    if (!topic) {
      topics.push({ errorCode: errorIds.UNKNOWN_TOPIC_OR_PARTITION, name, topicId: NO_UUID, partitions: [] })
      continue
    }
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0
    const page = topic.partitions.slice(from, from + room)
    room -= page.length
    topics.push({
      errorCode: 0,
      name,
      topicId: topic.id,
      isInternal: topic.internal,
      partitions: page.map((partition) => described(broker, partition)),
      topicAuthorizedOperations: TOPIC_OPERATIONS,
    })
    if (from + page.length < topic.partitions.length) {
      nextCursor = { topicName: name, partitionIndex: from + page.length }
      break
    }
  }
  return { topics, nextCursor }
})

function described(broker: BrokerContext, { index }: Partition) {
  return {
    errorCode: 0,
    partitionIndex: index,
    leaderId: broker.nodeId,
    leaderEpoch: LEADER_EPOCH,
    replicaNodes: [broker.nodeId],
    isrNodes: [broker.nodeId],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    offlineReplicas: [],
  }
}
