import { errorIds, NO_UUID } from '@isthmus/protocol'
import { metadata } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { LEADER_EPOCH } from '../log/leader-epoch.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf } from '../request-error.ts'
import type { Topic } from '../topics/topics.ts'
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from './operations.ts'

/**
 * v0: an empty list of topics means all; from v1 on null does, and empty means none
 * v4: allowAutoTopicCreation · v10: topic ids · v12: topics may be asked for by id
 */
export const metadataEndpoint = endpoint(metadata, (broker, request, call) => {
  const { host, port } = broker.addressFor(call.local)
  const wanted = request.topics
  const all = wanted === null || (call.version === 0 && wanted.length === 0)
  const operations = (allowed: boolean, mask: number) => (allowed ? mask : -2147483648)
  const described = all
    ? broker.topics.all().map((topic) => describe(broker, topic))
    : wanted.map((item) => {
        if (item.name === null) {
          const topic = broker.topics.withId(item.topicId)
          return topic ? describe(broker, topic) : refused(null, item.topicId, errorIds.UNKNOWN_TOPIC_ID)
        }
        const topic = broker.topics.named(item.name)
        if (topic) return describe(broker, topic)
        return autoCreate(broker, item.name, request.allowAutoTopicCreation)
      })
  return {
    brokers: [{ nodeId: broker.nodeId, host, port }],
    clusterId: broker.clusterId,
    controllerId: broker.nodeId,
    topics: described.map((topic) => ({
      ...topic,
      topicAuthorizedOperations: operations(request.includeTopicAuthorizedOperations, TOPIC_OPERATIONS),
    })),
    clusterAuthorizedOperations: operations(request.includeClusterAuthorizedOperations, CLUSTER_OPERATIONS),
  }
})

function autoCreate(broker: BrokerContext, name: string, allowed: boolean) {
  if (!allowed || !broker.settings.autoCreateTopics)
    return refused(name, NO_UUID, errorIds.UNKNOWN_TOPIC_OR_PARTITION)
  try {
    return describe(broker, broker.topics.create({ name, partitions: broker.settings.defaultPartitions }))
  } catch (error) {
    return refused(name, NO_UUID, errorCodeOf(error))
  }
}

function refused(name: string | null, topicId: string, errorCode: number) {
  return { errorCode, name, topicId, isInternal: false, partitions: [] }
}

function describe(broker: BrokerContext, topic: Topic) {
  const here = [broker.nodeId]
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    partitions: topic.partitions.map(({ index }) => ({
      errorCode: 0,
      partitionIndex: index,
      leaderId: broker.nodeId,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes: here,
      isrNodes: here,
      offlineReplicas: [],
    })),
  }
}
