import {
  type Clock,
  type KafkaAdmin,
  type PartitionOffset,
  type PluginContext,
  type Props,
  type SinkRecord,
  type SinkTaskContext,
  type SourceConnectorContext,
  type SourceOffset,
  type SourcePartition,
  type SourceTaskContext,
  systemClock,
  type TaskLog,
  type TopicPartition,
} from '@isthmus/sdk'
import { sameValue } from '@isthmus/sdk/data'

import { memoryKafka } from './memory-kafka.ts'

const silentLog: TaskLog = { debug() {}, info() {}, warn() {}, error() {} }

/** What a test may give any context; each has a default, so that a test names what it is about. */
export interface ContextOptions {
  /** Where lines go; nowhere by default. */
  readonly log?: TaskLog
  /** The system's by default. */
  readonly clock?: Clock
  /** For the end of the connector or task; by default one that never aborts. */
  readonly signal?: AbortSignal
}
export interface LentContextOptions extends ContextOptions {
  /** An empty `memoryKafka` by default. */
  readonly kafka?: KafkaAdmin
}

/** What a source has stored: a partition and where to go on in it. */
export type StoredOffsets = readonly (readonly [SourcePartition, SourceOffset])[]

export interface SourceContextOptions extends LentContextOptions {
  readonly stored?: StoredOffsets
}

/** What contexts of all kinds have. */
export const lentToAll = ({
  log = silentLog,
  clock = systemClock,
  signal = new AbortController().signal,
}: ContextOptions) => ({
  connector: 'test',
  log,
  clock,
  signal,
})
const readOffsets =
  (stored: StoredOffsets) =>
  async (partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]> =>
    partitions.map((partition) => stored.findLast(([known]) => sameValue(known, partition))?.[1] ?? null)

/** Of a source's task. */
export function sourceContext(options: SourceContextOptions = {}): SourceTaskContext {
  const { stored = [], kafka = memoryKafka() } = options
  return { ...lentToAll(options), task: 0, kafka, offsets: readOffsets(stored) }
}

export interface SinkContext extends SinkTaskContext {
  /** What the task asked for, in order. */
  readonly requests: readonly string[]
  /** Where it asked to go on, in order; a worker gives it no record before the last of a partition. */
  readonly sought: readonly PartitionOffset[]
  /** The records it reported as bad. */
  readonly errant: readonly SinkRecord[]
}

export interface SinkContextOptions extends LentContextOptions {
  readonly assignment?: readonly TopicPartition[]
}

/** Of a sink's task. */
export function sinkContext(options: SinkContextOptions = {}): SinkContext {
  const { assignment = [], kafka = memoryKafka() } = options
  const requests: string[] = []
  const sought: PartitionOffset[] = []
  const errant: SinkRecord[] = []
  const shown = (partitions: readonly TopicPartition[]) =>
    partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ')
  return {
    ...lentToAll(options),
    task: 0,
    kafka,
    requests,
    sought,
    errant,
    assignment: () => assignment,
    seek: (offsets: readonly PartitionOffset[]) => {
      sought.push(...offsets)
      requests.push(`seek ${offsets.map((to) => `${to.topic}-${to.partition}@${to.offset}`).join(' ')}`)
    },
    pause: (partitions) => {
      requests.push(`pause ${shown(partitions)}`)
    },
    resume: (partitions) => {
      requests.push(`resume ${shown(partitions)}`)
    },
    retryAfter: (ms) => {
      requests.push(`retry after ${ms}`)
    },
    requestCommit: () => {
      requests.push('commit')
    },
    standardOutput: async (bytes) => {
      requests.push(`print ${new TextDecoder().decode(bytes)}`)
    },
    errantRecords: async (record) => {
      errant.push(record)
    },
  }
}

/** Of a converter, transform or predicate; what is shared is opened anew for each context. */
export function pluginContext(options: ContextOptions = {}): PluginContext {
  const values = new Map<string, Promise<unknown>>()
  return {
    ...lentToAll(options),
    task: 0,
    async shared<T>(key: string, open: () => T | Promise<T>) {
      const value = values.get(key) ?? (async () => await open())()
      values.set(key, value)
      return (await value) as T
    },
  }
}

export interface TestConnectorContext extends SourceConnectorContext {
  /** What the connector raised, in order. */
  readonly raised: readonly unknown[]
  /** How often it asked for its tasks to be configured anew. */
  readonly reconfigurations: number
}

/** Of a connector, source or sink. */
export function connectorContext(options: SourceContextOptions = {}): TestConnectorContext {
  const { stored = [], kafka = memoryKafka() } = options
  const raised: unknown[] = []
  let reconfigurations = 0
  return {
    ...lentToAll(options),
    kafka,
    raised,
    get reconfigurations() {
      return reconfigurations
    },
    offsets: readOffsets(stored),
    requestTaskReconfiguration() {
      reconfigurations++
    },
    raiseError: (error) => void raised.push(error),
  }
}

/** The configuration of a connector under test, with what the worker always adds. */
export const connectorProps = (pluginClass: string, props: Props): Props => ({
  name: 'test',
  'connector.class': pluginClass,
  ...props,
})
