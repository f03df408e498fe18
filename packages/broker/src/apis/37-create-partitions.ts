import { createPartitions } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'
import { type Topic, validatePartitionCount } from '../topics/topics.ts'
import { validateReplicas } from './replica-assignment.ts'

interface Wanted {
  readonly name: string
  readonly count: number
  readonly assignments: readonly { brokerIds: readonly number[] }[] | null
}

export const createPartitionsEndpoint = endpoint(createPartitions, (broker, request) => ({
  results: request.topics.map((wanted) => {
    try {
      const topic = growing(broker, wanted)
      if (!request.validateOnly) broker.topics.addPartitions(topic, wanted.count)
      return { name: wanted.name, errorCode: 0 }
    } catch (error) {
      return { name: wanted.name, errorCode: errorCodeOf(error), errorMessage: messageOf(error) }
    }
  }),
}))

function growing(broker: BrokerContext, { name, count, assignments }: Wanted): Topic {
  const topic = broker.topics.named(name)
  if (!topic) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
  const now = topic.partitions.length
  if (count === now) throw new RequestError('INVALID_PARTITIONS', `Topic already has ${now} partition(s).`)
  if (count < now)
    throw new RequestError(
      'INVALID_PARTITIONS',
      `The topic ${name} currently has ${now} partition(s); ${count} would not be an increase.`,
    )
  validatePartitionCount(name, count)
  if (assignments === null) return topic
  if (assignments.length !== count - now)
    throw new RequestError(
      'INVALID_REPLICA_ASSIGNMENT',
      `Attempted to add ${count - now} additional partition(s), but only ${assignments.length} assignment(s) were specified.`,
    )
  for (const { brokerIds } of assignments) validateReplicas(broker.nodeId, brokerIds)
  return topic
}
