import {
  atLeast,
  type ConfigDef,
  ConnectError,
  oneOf,
  type Props,
  parseConfig,
  type Validator,
} from '@isthmus/sdk'
import { isKnownAlgorithm } from '../group/session-key.ts'
import { validPartitions, validReplication } from './new-topic.ts'
import { OLD_DEFAULTS } from './old-properties.ts'
import { checkedWorker, workerDef } from './worker.ts'

const knownAlgorithm: Validator = (value) =>
  typeof value === 'string' && !isKnownAlgorithm(value) ? `${value} Mac not available` : null

/** Properties of a worker that shares the work with others, as Java's `DistributedConfig`. Those of Kafka clients are theirs to check. */
export const distributedDef = {
  ...workerDef,
  'group.id': {
    type: 'string',
    default: OLD_DEFAULTS['group.id'],
    importance: 'high',
    doc: 'The group of workers that this one belongs to. Its name must differ from that of every consumer group.',
  },
  'session.timeout.ms': {
    type: 'int',
    default: 10_000,
    importance: 'high',
    doc: 'After this time without a heartbeat a worker counts as gone.',
  },
  'rebalance.timeout.ms': {
    type: 'int',
    default: 60_000,
    importance: 'high',
    doc: 'How long a worker may take to join the group again when it rebalances.',
  },
  'heartbeat.interval.ms': {
    type: 'int',
    default: 3000,
    importance: 'high',
    doc: 'The longest time between heartbeats; workers send them every second if it is longer. It must be shorter than session.timeout.ms, usually by a factor of three.',
  },
  'exactly.once.source.support': {
    type: 'string',
    default: 'disabled',
    importance: 'high',
    validate: oneOf('disabled', 'preparing', 'enabled'),
    doc: 'Exactly-once support for source connectors. `disabled` is the only mode there is so far.',
  },
  'client.id': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'Identifies the worker in the logs of brokers.',
  },
  'worker.sync.timeout.ms': {
    type: 'int',
    default: 3000,
    importance: 'medium',
    doc: 'How long reading the config topic to its end may take when the worker has to catch up with the group.',
  },
  'worker.unsync.backoff.ms': {
    type: 'int',
    default: 300_000,
    importance: 'medium',
    doc: 'Accepted for the sake of existing files: a worker that cannot catch up keeps trying.',
  },
  'offset.storage.topic': {
    type: 'string',
    default: OLD_DEFAULTS['offset.storage.topic'],
    importance: 'high',
    doc: 'The topic in which offsets of source connectors are kept.',
  },
  'offset.storage.partitions': {
    type: 'int',
    default: 25,
    validate: validPartitions,
    importance: 'low',
    doc: 'Partitions of the offsets topic when it is created; -1 for the default of the brokers.',
  },
  'offset.storage.replication.factor': {
    type: 'short',
    default: 3,
    validate: validReplication,
    importance: 'low',
    doc: 'Replicas of the offsets topic when it is created; -1 for the default of the brokers.',
  },
  'config.storage.topic': {
    type: 'string',
    default: OLD_DEFAULTS['config.storage.topic'],
    importance: 'high',
    doc: 'The topic in which configurations of connectors are kept. It has one partition.',
  },
  'config.storage.replication.factor': {
    type: 'short',
    default: 3,
    validate: validReplication,
    importance: 'low',
    doc: 'Replicas of the config topic when it is created; -1 for the default of the brokers.',
  },
  'status.storage.topic': {
    type: 'string',
    default: OLD_DEFAULTS['status.storage.topic'],
    importance: 'high',
    doc: 'The topic in which states of connectors and tasks are kept.',
  },
  'status.storage.partitions': {
    type: 'int',
    default: 5,
    validate: validPartitions,
    importance: 'low',
    doc: 'Partitions of the status topic when it is created; -1 for the default of the brokers.',
  },
  'status.storage.replication.factor': {
    type: 'short',
    default: 3,
    validate: validReplication,
    importance: 'low',
    doc: 'Replicas of the status topic when it is created; -1 for the default of the brokers.',
  },
  'connect.protocol': {
    type: 'string',
    default: 'sessioned',
    importance: 'low',
    validate: (value) =>
      ['eager', 'compatible', 'sessioned'].includes(String(value).toLowerCase())
        ? null
        : 'Invalid Connect protocol compatibility',
    doc: 'The newest group protocol to use: eager, compatible (incremental cooperative) or sessioned (that, with signed requests between workers).',
  },
  'scheduled.rebalance.max.delay.ms': {
    type: 'int',
    default: 300_000,
    validate: atLeast(0),
    importance: 'low',
    doc: 'How long the work of a worker that left waits for its return before others take it over.',
  },
  'inter.worker.key.generation.algorithm': {
    type: 'string',
    default: 'HmacSHA256',
    validate: knownAlgorithm,
    importance: 'low',
    doc: 'The algorithm of the keys with which requests between workers are signed.',
  },
  'inter.worker.key.size': {
    type: 'int',
    default: null,
    importance: 'low',
    doc: 'The size of these keys in bits; the default of the algorithm when absent.',
  },
  'inter.worker.key.ttl.ms': {
    type: 'int',
    default: 3_600_000,
    validate: atLeast(0),
    importance: 'low',
    doc: 'How long such a key is used; 0 for as long as the group lives.',
  },
  'inter.worker.signature.algorithm': {
    type: 'string',
    default: 'HmacSHA256',
    validate: knownAlgorithm,
    importance: 'low',
    doc: 'The algorithm with which requests between workers are signed.',
  },
  'inter.worker.verification.algorithms': {
    type: 'list',
    default: 'HmacSHA256',
    importance: 'low',
    validate: (value) =>
      Array.isArray(value) && value.length === 0
        ? 'At least one signature verification algorithm must be provided'
        : null,
    doc: 'The algorithms that are accepted in requests of other workers.',
  },
} satisfies ConfigDef

export type DistributedConfig = ReturnType<typeof parseDistributed>

export function parseDistributed(props: Props) {
  const config = parseConfig(distributedDef, checkedWorker(props))
  const refuse = (property: keyof typeof distributedDef, reason: string) => {
    throw new ConnectError(
      'config',
      `Invalid value ${config[property]} for configuration ${property}: ${reason}`,
    )
  }
  if (
    !(config['inter.worker.verification.algorithms'] ?? []).includes(
      config['inter.worker.signature.algorithm'],
    )
  )
    refuse(
      'inter.worker.signature.algorithm',
      'Signature algorithm must be present in inter.worker.verification.algorithms list',
    )
  if (config['heartbeat.interval.ms'] >= config['session.timeout.ms'])
    refuse('heartbeat.interval.ms', 'Heartbeat must be set lower than the session timeout')
  if (config['exactly.once.source.support'] !== 'disabled')
    refuse(
      'exactly.once.source.support',
      "Exactly-once source connectors are not supported yet; remove the property or set it to 'disabled'",
    )
  return config
}

/** As messages of this group have it: Java takes the value in any case. */
export const protocolIn = (config: DistributedConfig) =>
  config['connect.protocol'].toLowerCase() as 'eager' | 'compatible' | 'sessioned'
