import { NO_UUID } from '@isthmus/protocol'
import { createTopics } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'
import { type TopicOverrides, topicConfigEntries } from '../topics/config.ts'
import { validateReplicas } from './replica-assignment.ts'

interface Wanted {
  name: string
  numPartitions: number
  replicationFactor: number
  assignments: { partitionIndex: number; brokerIds: number[] }[]
  configs: { name: string; value: string | null }[]
}

/** v4: -1 partitions or replicas mean the broker's default · v5: the answer has the configs · v7: and the topic's id */
export const createTopicsEndpoint = endpoint(createTopics, (broker, request) => {
  const counts = new Map<string, number>()
  for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1)
  const results = []
  for (const [name, count] of counts) {
    const wanted = request.topics.find((topic) => topic.name === name) as Wanted
    try {
      if (count > 1) throw new RequestError('INVALID_REQUEST', 'Duplicate topic name.')
      results.push(create(broker, wanted, request.validateOnly))
    } catch (error) {
      results.push({
        name,
        topicId: NO_UUID,
        errorCode: errorCodeOf(error),
        errorMessage: messageOf(error),
        configs: [],
      })
    }
  }
  return { topics: results }
})

function create(broker: BrokerContext, wanted: Wanted, validateOnly: boolean) {
  const spec = {
    name: wanted.name,
    partitions: partitionsOf(broker, wanted),
    configs: configsOf(wanted),
  }
  broker.topics.validate(spec)
  const id = validateOnly ? NO_UUID : broker.topics.create(spec).id
  return {
    name: spec.name,
    topicId: id,
    errorCode: 0,
    errorMessage: null,
    numPartitions: spec.partitions,
    replicationFactor: 1,
    configs: topicConfigEntries(broker.topics.defaults, spec.configs).map(
      ({ name, value, source, readOnly }) => ({
        name,
        value,
        readOnly,
        configSource: source,
        isSensitive: false,
      }),
    ),
  }
}

function partitionsOf(broker: BrokerContext, wanted: Wanted): number {
  if (wanted.assignments.length > 0) return assignedPartitions(broker, wanted)
  const { numPartitions, replicationFactor } = wanted
  if (replicationFactor === 0 || replicationFactor < -1)
    throw new RequestError(
      'INVALID_REPLICATION_FACTOR',
      'Replication factor must be larger than 0, or -1 to use the default value.',
    )
  if (replicationFactor > 1)
    throw new RequestError(
      'INVALID_REPLICATION_FACTOR',
      `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached because only 1 broker(s) are registered.`,
    )
  if (numPartitions === 0 || numPartitions < -1)
    throw new RequestError(
      'INVALID_PARTITIONS',
      'Number of partitions was set to an invalid non-positive value.',
    )
  return numPartitions === -1 ? broker.settings.defaultPartitions : numPartitions
}

function assignedPartitions(broker: BrokerContext, wanted: Wanted): number {
  if (wanted.replicationFactor !== -1)
    throw new RequestError(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but replication factor was not set to -1.',
    )
  if (wanted.numPartitions !== -1)
    throw new RequestError(
      'INVALID_REQUEST',
      'A manual partition assignment was specified, but numPartitions was not set to -1.',
    )
  const indexes = wanted.assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b)
  if (indexes.some((index, expected) => index !== expected))
    throw new RequestError(
      'INVALID_REPLICA_ASSIGNMENT',
      'partitions should be a consecutive 0-based integer sequence',
    )
  for (const { brokerIds } of wanted.assignments) validateReplicas(broker.nodeId, brokerIds)
  return indexes.length
}

function configsOf(wanted: Wanted): TopicOverrides {
  const configs: Record<string, string> = {}
  for (const { name, value } of wanted.configs) {
    if (value === null)
      throw new RequestError(
        'INVALID_CONFIG',
        `Null value not supported for topic configs: ${wanted.configs.map((config) => config.name).join(',')}`,
      )
    configs[name] = value
  }
  return configs
}
