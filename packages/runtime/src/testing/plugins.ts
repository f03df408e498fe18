import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { serialize } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import {
  type ConverterPlugin,
  dataError,
  type HeaderConverterPlugin,
  retriable,
  type SinkRecord,
  sinkConnector,
  sourceConnector,
  sourceRecord,
  type TransformPlugin,
} from '@isthmus/sdk'
import { MESSAGES_FD } from '../host/process-pipes.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { descriptorsOf } from '../plugins/scan.ts'

// plugins for tests; their configs are their only strings, so that they run in threads as well

const LINES = {
  type: 'string',
  default: '',
  importance: 'high',
  doc: 'Values to send, separated by spaces.',
} as const
const FAULT = { type: 'string', default: '', importance: 'high', doc: 'Where to fail.' } as const

const spin = (): void => {
  for (;;);
}

/** Sends its words once, from the stored offset on. */
export const Words = sourceConnector({
  class: 'test.WordsConnector',
  taskClass: 'test.WordsTask',
  version: '1',
  config: {
    words: LINES,
    topic: { ...LINES, default: 'words' },
    fault: FAULT,
    count: { ...LINES, default: '1' },
  },
  async connector({ raw, fault, count }, context) {
    if (fault === 'start') throw new Error('no start today')
    context.signal.addEventListener('abort', () => context.log.info('the signal aborted'))
    if (fault === 'start-hangs') {
      context.log.info('the start hangs')
      await once(context.signal, 'abort')
    }
    if (fault === 'raise') queueMicrotask(() => context.raiseError(new Error('raised')))
    return {
      taskConfigs: () => Array.from({ length: Number(count) }, () => raw),
      async [Symbol.asyncDispose]() {
        if (fault === 'connector-stop') throw new Error('no stop today')
        context.log.info('disposed of')
      },
    }
  },
  async task({ words, topic, fault }, { offsets, log }) {
    if (fault === 'task-start') throw new Error('task does not start')
    const all = words.split(' ').filter((word) => word !== '')
    const partition = { words: topic }
    const [stored] = await offsets([partition])
    let next = Number(stored?.['next'] ?? 0)
    let failed = false
    const kept: Buffer[] = []
    log.info(`starts at ${next}`)
    return {
      async poll(signal) {
        if (fault === 'retriable' && !failed) {
          failed = true
          throw retriable('busy')
        }
        if (fault === 'memory') for (const hoard: unknown[][] = []; ; ) hoard.push(new Array(1e6).fill({}))
        if (fault === 'send nothing') parentPort?.postMessage(undefined)
        else if (fault.startsWith('send ')) parentPort?.postMessage(JSON.parse(fault.slice(5)))
        if (fault === 'buffers') {
          kept.push(Buffer.alloc(1e6, 1))
          await new Promise((resolve) => setTimeout(resolve, 1))
          return null
        }
        // held back where it has enough: the thread is ended long before, but not when nobody looks
        if (fault === 'busy-buffers') for (;;) if (kept.length < 500) kept.push(Buffer.alloc(1e6, 1))
        if (fault === 'garbage' && !failed) {
          failed = true
          for (let i = 0; i < 12; i++) {
            new Array(4e6).fill(1.5)
            Buffer.alloc(1e7, 1)
            await new Promise(setImmediate)
          }
          log.info('all of it was garbage')
        }
        if (fault === 'forged') {
          const body = serialize({ type: 'thrown', error: null })
          const head = Buffer.alloc(4)
          head.writeUInt32LE(body.length)
          writeSync(MESSAGES_FD, Buffer.concat([head, body]))
          process.exit(3)
        }
        if (fault === 'exit') process.exit(3)
        if (fault === 'spin') setImmediate(spin)
        if (fault === 'uncaught') setImmediate(() => Promise.reject(new TypeError('nobody catches this')))
        if (next >= all.length) {
          if (fault === 'poll') throw new Error('source is gone')
          if (fault === 'deaf') return new Promise(() => {})
          await new Promise<void>((resolve) => {
            if (signal.aborted) resolve()
            else signal.addEventListener('abort', () => resolve(), { once: true })
          })
          return null
        }
        const from = next
        next = Math.min(all.length, from + 2)
        return all
          .slice(from, next)
          .map((value, i) =>
            sourceRecord({ topic, value, sourcePartition: partition, sourceOffset: { next: from + i + 1 } }),
          )
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})

/** What sinks got, by connector; only visible when they run inline. */
export const received = new Map<string, { values: unknown[]; timestamps: unknown[]; calls: string[] }>()

export const Collect = sinkConnector({
  class: 'test.CollectConnector',
  taskClass: 'test.CollectTask',
  version: '1',
  config: { fault: FAULT },
  connector: ({ raw }) => ({ taskConfigs: (max) => Array.from({ length: max }, () => raw) }),
  task({ fault }, context) {
    const log = { values: [] as unknown[], timestamps: [] as unknown[], calls: [] as string[] }
    received.set(context.connector, log)
    let failures = fault === 'retriable' ? 2 : 0
    return {
      async put(records: readonly SinkRecord[]) {
        if (records.length === 0) return
        if (fault === 'put') throw new Error('cannot put')
        if (failures-- > 0) {
          context.retryAfter(1)
          throw retriable('not now')
        }
        for (const record of records) {
          if (fault === 'errant' && record.value === 'bad')
            await context.errantRecords?.(record, dataError('bad one'))
          else {
            log.values.push(record.value)
            log.timestamps.push(record.timestamp)
          }
        }
      },
      open: (partitions) => void log.calls.push(`open ${partitions.map(({ topic }) => topic).join(',')}`),
      close: (partitions) => void log.calls.push(`close ${partitions.map(({ topic }) => topic).join(',')}`),
      preCommit(offsets) {
        log.calls.push(`preCommit ${offsets.map(({ topic, offset }) => `${topic}:${offset}`).join(',')}`)
        return offsets
      },
      async [Symbol.asyncDispose]() {
        log.calls.push('disposed')
      },
    }
  },
})

/** Text; the word `bad` is bad data in both directions. */
export const Text: ConverterPlugin = {
  type: 'converter',
  class: 'test.TextConverter',
  version: null,
  config: {},
  open: () => ({
    fromConnectData(_topic, _schema, value) {
      if (value === 'unwritable') throw dataError('this word cannot be written')
      return value === null ? null : String(value)
    },
    toConnectData(_topic, bytes) {
      const value = bytes === null ? null : Buffer.from(bytes).toString()
      if (value === 'unreadable') throw dataError('this word cannot be read')
      return { schema: null, value }
    },
  }),
}
export const Headers: HeaderConverterPlugin = {
  type: 'header_converter',
  class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: null,
  config: {},
  open: () => ({
    fromConnectHeader: (_topic, _key, _schema, value) => (value === null ? null : String(value)),
    toConnectHeader: (_topic, _key, bytes) => ({
      schema: null,
      value: bytes && Buffer.from(bytes).toString(),
    }),
  }),
}
/** Drops `drop`, doubles the rest. */
export const Twice: TransformPlugin = {
  type: 'transformation',
  class: 'test.Twice',
  version: null,
  config: {},
  open: () => ({
    apply(record) {
      if (record.value === 'drop') return null
      if (record.value === 'untransformable') throw dataError('this word cannot be doubled')
      return { ...record, value: `${record.value}${record.value}` }
    },
  }),
}

export const testPlugins: readonly PluginDescriptor[] = descriptorsOf(
  { Words, Collect, Text, Headers, Twice },
  import.meta.url,
  'classpath',
)
