import type { PluginContext, Props } from '../plugin.ts'
import type { SinkRecord, SourceOffset, SourcePartition } from '../record.ts'
import { sameValue } from '../schema/equal.ts'
import type { PartitionOffset, SinkTaskContext, SourceTaskContext, TaskLog, TopicPartition } from '../task.ts'

export const silentLog: TaskLog = { debug() {}, info() {}, warn() {}, error() {} }

/** What a source has stored: a partition and where to go on in it. */
export type StoredOffsets = readonly (readonly [SourcePartition, SourceOffset])[]

export function sourceContext(stored: StoredOffsets = []): SourceTaskContext {
  return {
    connector: 'test',
    task: 0,
    log: silentLog,
    offsets: async (partitions) =>
      partitions.map((partition) => stored.findLast(([known]) => sameValue(known, partition))?.[1] ?? null),
  }
}

export interface SinkContext extends SinkTaskContext {
  /** What the task asked for, in order. */
  readonly requests: readonly string[]
  /** The records it reported as bad. */
  readonly errant: readonly SinkRecord[]
}

export function sinkContext(assignment: readonly TopicPartition[] = []): SinkContext {
  const requests: string[] = []
  const errant: SinkRecord[] = []
  const shown = (partitions: readonly TopicPartition[]) =>
    partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(' ')
  return {
    connector: 'test',
    task: 0,
    log: silentLog,
    requests,
    errant,
    assignment: () => assignment,
    seek: (offsets: readonly PartitionOffset[]) => {
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

/** Of a task that goes on until the test ends it; what is shared is opened anew for each context. */
export function pluginContext({ signal = new AbortController().signal } = {}): PluginContext {
  const values = new Map<string, Promise<unknown>>()
  return {
    connector: 'test',
    task: 0,
    log: silentLog,
    signal,
    async shared<T>(key: string, open: () => T | Promise<T>) {
      const value = values.get(key) ?? (async () => await open())()
      values.set(key, value)
      return (await value) as T
    },
  }
}

/** A connector's context, and what it raised. */
export function connectorContext(stored: StoredOffsets = []) {
  const raised: unknown[] = []
  const { offsets } = sourceContext(stored)
  return {
    raised,
    connector: 'test',
    log: silentLog,
    offsets,
    requestTaskReconfiguration() {},
    raiseError: (error: unknown) => void raised.push(error),
  }
}

/** The configuration of a connector under test, with what the worker always adds. */
export const connectorProps = (pluginClass: string, props: Props): Props => ({
  name: 'test',
  'connector.class': pluginClass,
  ...props,
})
