import { RequestError } from '../request-error.ts'

type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'LONG' | 'DOUBLE' | 'LIST'

interface TopicConfigDef {
  readonly type: ConfigType
  readonly fallback: string
  readonly least?: number
  readonly most?: number
  readonly oneOf?: readonly string[]
  /** The broker property that gives the default, where it has another name. */
  readonly synonym?: string
  /** Understood, but not shown: for tests, as in Kafka. */
  readonly hidden?: true
}

const NEVER = '9223372036854775807'

/** Every topic config of Apache Kafka 4.3.1 with its type, default and bounds. */
export const topicConfigDefs: { readonly [name: string]: TopicConfigDef } = {
  'cleanup.policy': {
    type: 'LIST',
    fallback: 'delete',
    oneOf: ['compact', 'delete'],
    synonym: 'log.cleanup.policy',
  },
  'compression.gzip.level': { type: 'INT', fallback: '-1', least: -1, most: 9 },
  'compression.lz4.level': { type: 'INT', fallback: '9', least: 1, most: 17 },
  'compression.type': {
    type: 'STRING',
    fallback: 'producer',
    oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
  },
  'compression.zstd.level': { type: 'INT', fallback: '3', least: -131072, most: 22 },
  'delete.retention.ms': {
    type: 'LONG',
    fallback: '86400000',
    least: 0,
    synonym: 'log.cleaner.delete.retention.ms',
  },
  'file.delete.delay.ms': {
    type: 'LONG',
    fallback: '60000',
    least: 0,
    synonym: 'log.segment.delete.delay.ms',
  },
  'flush.messages': { type: 'LONG', fallback: NEVER, least: 1, synonym: 'log.flush.interval.messages' },
  'flush.ms': { type: 'LONG', fallback: NEVER, least: 0 },
  'follower.replication.throttled.replicas': { type: 'LIST', fallback: '' },
  'index.interval.bytes': { type: 'INT', fallback: '4096', least: 0, synonym: 'log.index.interval.bytes' },
  'internal.segment.bytes': { type: 'INT', fallback: '-1', least: -1, hidden: true },
  'leader.replication.throttled.replicas': { type: 'LIST', fallback: '' },
  'local.retention.bytes': {
    type: 'LONG',
    fallback: '-2',
    least: -2,
    synonym: 'log.local.retention.bytes',
  },
  'local.retention.ms': { type: 'LONG', fallback: '-2', least: -2, synonym: 'log.local.retention.ms' },
  'max.compaction.lag.ms': {
    type: 'LONG',
    fallback: NEVER,
    least: 1,
    synonym: 'log.cleaner.max.compaction.lag.ms',
  },
  'max.message.bytes': { type: 'INT', fallback: '1048588', least: 0, synonym: 'message.max.bytes' },
  'message.timestamp.after.max.ms': {
    type: 'LONG',
    fallback: '3600000',
    least: 0,
    synonym: 'log.message.timestamp.after.max.ms',
  },
  'message.timestamp.before.max.ms': {
    type: 'LONG',
    fallback: NEVER,
    least: 0,
    synonym: 'log.message.timestamp.before.max.ms',
  },
  'message.timestamp.type': {
    type: 'STRING',
    fallback: 'CreateTime',
    oneOf: ['CreateTime', 'LogAppendTime'],
    synonym: 'log.message.timestamp.type',
  },
  'min.cleanable.dirty.ratio': {
    type: 'DOUBLE',
    fallback: '0.5',
    least: 0,
    most: 1,
    synonym: 'log.cleaner.min.cleanable.ratio',
  },
  'min.compaction.lag.ms': {
    type: 'LONG',
    fallback: '0',
    least: 0,
    synonym: 'log.cleaner.min.compaction.lag.ms',
  },
  'min.insync.replicas': { type: 'INT', fallback: '1', least: 1 },
  preallocate: { type: 'BOOLEAN', fallback: 'false', synonym: 'log.preallocate' },
  'remote.log.copy.disable': { type: 'BOOLEAN', fallback: 'false' },
  'remote.log.delete.on.disable': { type: 'BOOLEAN', fallback: 'false' },
  'remote.storage.enable': { type: 'BOOLEAN', fallback: 'false' },
  'retention.bytes': { type: 'LONG', fallback: '-1', synonym: 'log.retention.bytes' },
  'retention.ms': { type: 'LONG', fallback: '604800000', least: -1, synonym: 'log.retention.ms' },
  'segment.bytes': { type: 'INT', fallback: '1073741824', least: 1048576, synonym: 'log.segment.bytes' },
  'segment.index.bytes': {
    type: 'INT',
    fallback: '10485760',
    least: 4,
    synonym: 'log.index.size.max.bytes',
  },
  'segment.jitter.ms': { type: 'LONG', fallback: '0', least: 0 },
  'segment.ms': { type: 'LONG', fallback: '604800000', least: 1, synonym: 'log.roll.ms' },
  'unclean.leader.election.enable': { type: 'BOOLEAN', fallback: 'false' },
}

/** A topic's configs as texts, by Kafka's names: only those that were set. */
export type TopicOverrides = Readonly<Record<string, string>>

/** The configs that this broker acts upon, parsed. */
export interface TopicConfig {
  readonly compact: boolean
  readonly delete: boolean
  readonly 'compression.gzip.level': number
  readonly 'compression.type': string
  readonly 'compression.zstd.level': number
  readonly 'delete.retention.ms': number
  readonly 'max.message.bytes': number
  readonly 'message.timestamp.after.max.ms': number
  readonly 'message.timestamp.before.max.ms': number
  readonly 'message.timestamp.type': string
  readonly 'max.compaction.lag.ms': number
  readonly 'min.cleanable.dirty.ratio': number
  readonly 'min.compaction.lag.ms': number
  readonly 'min.insync.replicas': number
  readonly 'retention.bytes': number
  readonly 'retention.ms': number
  readonly 'segment.bytes': number
  readonly 'segment.ms': number
  readonly 'flush.messages': number
  readonly 'flush.ms': number
}

/** Throws INVALID_CONFIG for a name or a value that Kafka would refuse. */
export function validateTopicConfigs(configs: TopicOverrides): void {
  for (const [name, value] of Object.entries(configs)) {
    const def = Object.hasOwn(topicConfigDefs, name) ? topicConfigDefs[name] : undefined
    if (!def) throw new RequestError('INVALID_CONFIG', `Unknown topic config name: ${name}`)
    const fault = faultOf(def, value)
    if (fault)
      throw new RequestError('INVALID_CONFIG', `Invalid value ${value} for configuration ${name}: ${fault}`)
  }
}

function faultOf(def: TopicConfigDef, value: string): string | null {
  switch (def.type) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(value.trim()) ? null : 'Expected value to be either true or false'
    case 'INT':
    case 'LONG':
    case 'DOUBLE': {
      const pattern = def.type === 'DOUBLE' ? /^-?\d+(\.\d*)?(e-?\d+)?$/i : /^[+-]?\d+$/
      const number = Number(value)
      if (!pattern.test(value.trim()) || (def.type === 'INT' && Math.abs(number) > 0x7fffffff))
        return `Not a number of type ${def.type}`
      if (def.least !== undefined && number < def.least) return `Value must be at least ${def.least}`
      if (def.most !== undefined && number > def.most) return `Value must be no more than ${def.most}`
      return null
    }
    case 'LIST': {
      const bad = listOf(value).find((item) => def.oneOf && !def.oneOf.includes(item))
      return bad === undefined ? null : `String must be one of: ${def.oneOf?.join(', ')}`
    }
    default:
      return def.oneOf && !def.oneOf.includes(value) ? `String must be one of: ${def.oneOf.join(', ')}` : null
  }
}

const listOf = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** `overrides` over the broker's own `defaults` over Kafka's; all have passed `validateTopicConfigs`. */
export function topicConfigOf(defaults: TopicOverrides, overrides: TopicOverrides): TopicConfig {
  const text = (name: string) => overrides[name] ?? defaults[name] ?? topicConfigDefs[name]?.fallback ?? ''
  const number = (name: string) => Number(text(name))
  const policies = listOf(text('cleanup.policy'))
  const internalSegmentBytes = number('internal.segment.bytes')
  return {
    compact: policies.includes('compact'),
    delete: policies.includes('delete'),
    'compression.gzip.level': number('compression.gzip.level'),
    'compression.type': text('compression.type'),
    'compression.zstd.level': number('compression.zstd.level'),
    'delete.retention.ms': number('delete.retention.ms'),
    'max.message.bytes': number('max.message.bytes'),
    'message.timestamp.after.max.ms': number('message.timestamp.after.max.ms'),
    'message.timestamp.before.max.ms': number('message.timestamp.before.max.ms'),
    'message.timestamp.type': text('message.timestamp.type'),
    'max.compaction.lag.ms': number('max.compaction.lag.ms'),
    'min.cleanable.dirty.ratio': number('min.cleanable.dirty.ratio'),
    'min.compaction.lag.ms': number('min.compaction.lag.ms'),
    'min.insync.replicas': number('min.insync.replicas'),
    'retention.bytes': number('retention.bytes'),
    'retention.ms': number('retention.ms'),
    'segment.bytes': internalSegmentBytes > 0 ? internalSegmentBytes : number('segment.bytes'),
    'segment.ms': number('segment.ms'),
    'flush.messages': number('flush.messages'),
    'flush.ms': number('flush.ms'),
  }
}

/** The codes of ConfigType. */
export const CONFIG_TYPE: { readonly [T in ConfigType]: number } = {
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
}
/** The codes of ConfigSource. */
export const CONFIG_SOURCE = { topic: 1, broker: 4, default: 5 } as const

export interface TopicConfigEntry {
  readonly name: string
  readonly value: string
  readonly type: ConfigType
  readonly source: number
  readonly readOnly: boolean
  readonly synonyms: readonly { name: string; value: string; source: number }[]
}

/** All configs of a topic with where each value comes from, as DescribeConfigs and CreateTopics tell them. */
export function topicConfigEntries(defaults: TopicOverrides, overrides: TopicOverrides): TopicConfigEntry[] {
  return Object.entries(topicConfigDefs)
    .filter(([name, def]) => !def.hidden || overrides[name] !== undefined)
    .map(([name, def]) => {
      const synonym = def.synonym ?? name
      const synonyms: { name: string; value: string; source: number }[] = []
      const add = (by: string, value: string | undefined, source: number) => {
        if (value !== undefined) synonyms.push({ name: by, value, source })
      }
      add(name, overrides[name], CONFIG_SOURCE.topic)
      add(synonym, defaults[name], CONFIG_SOURCE.broker)
      add(synonym, def.fallback, CONFIG_SOURCE.default)
      const { value = def.fallback, source = CONFIG_SOURCE.default } = synonyms[0] ?? {}
      return { name, value, type: def.type, source, readOnly: false, synonyms }
    })
}
