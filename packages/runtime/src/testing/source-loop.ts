import { type Acknowledged, KafkaError } from '@isthmus/kafka'
import { type SourceOffset, type SourceRecord, type SourceTask, sourceRecord } from '@isthmus/sdk'
import { type LogEntry, loggerOf } from '../log/log.ts'
import type { PartitionAndOffset } from '../store/stores.ts'
import { openControl } from '../task/control.ts'
import { whereIn } from '../task/errors/error-log.ts'
import { type Failure, openTolerance } from '../task/errors/tolerance.ts'
import { openAtLeastOnce } from '../task/source/at-least-once.ts'
import { runSource } from '../task/source/source.ts'
import { describeSourceRecord } from '../task/source/source-record.ts'
import { openGate, type TopicGate } from '../task/source/topics.ts'
import type { Step } from '../task/stages/chain.ts'
import type { Codec } from '../task/stages/codec.ts'
import { openCountingMeter } from './counting-meter.ts'

export interface SourceLoopOptions {
  readonly task: Pick<SourceTask, 'poll'> & Partial<SourceTask>
  readonly steps?: readonly Step[]
  readonly tolerance?: 'none' | 'all'
  readonly retryTimeoutMs?: number
  readonly storeOffsets?: (offsets: readonly PartitionAndOffset[]) => Promise<unknown>
  readonly reported?: () => Promise<void>
  readonly room?: () => Promise<void> | undefined
  /** Stands in for the producer's `enqueue`: throws, asks to wait, or takes the record. */
  readonly enqueue?: (value: string) => Promise<void> | undefined
  readonly flushTimeoutMs?: number
  readonly topics?: TopicGate
}

const text: Codec = {
  key: {
    fromConnectData: (_t, _s, value) => value as string,
    toConnectData: () => ({ schema: null, value: null }),
  },
  value: {
    fromConnectData: (_t, _s, value) => value as string,
    toConnectData: () => ({ schema: null, value: null }),
  },
  header: { fromConnectHeader: () => null, toConnectHeader: () => ({ schema: null, value: null }) },
  executing: { key: 'K', value: 'V', header: 'H' },
}

/**
 * The loop of a source task around a producer whose acknowledgements a test gives by hand: for tests of timing, which no broker gives. What
 * the loop does with Kafka is tested with a worker.
 */
export function openSourceLoop(options: SourceLoopOptions) {
  const { flushTimeoutMs = 1000 } = options
  const control = openControl('STARTED')
  const lines: LogEntry[] = []
  const log = loggerOf((entry) => lines.push(entry), 'test')
  const failures: Failure<SourceRecord>[] = []
  const stored: SourceOffset[] = []
  const meter = openCountingMeter()
  const tolerance = openTolerance<SourceRecord>({
    policy: {
      'errors.tolerance': options.tolerance ?? 'none',
      'errors.retry.timeout': options.retryTimeoutMs ?? 0,
      'errors.retry.delay.max.ms': 60_000,
    },
    whereOf: whereIn('test-0', describeSourceRecord),
    report(failure) {
      failures.push(failure)
      return options.room?.()
    },
    stopping: control.stopped,
    meter,
    log,
  })
  const task = { async [Symbol.asyncDispose]() {}, ...options.task } satisfies SourceTask
  /** What the producer holds, oldest first. */
  const sent: { readonly value: string; readonly token: number; done: boolean }[] = []
  let acknowledged: (batch: Acknowledged<number>) => void = () => {}
  let drained = Promise.withResolvers<void>()
  const settle = (value: string, error: KafkaError | null) => {
    const record = sent.find((one) => one.value === value && !one.done)
    if (record === undefined) throw new Error(`${value} was not sent`)
    record.done = true
    const { token } = record
    acknowledged({
      topic: 't',
      partition: 0,
      baseOffset: 0,
      error,
      tokens: [token],
      timestamps: [0],
    })
    drained.resolve()
    drained = Promise.withResolvers()
  }
  const producer = {
    enqueue(
      _topic: string,
      _partition: number | null,
      _timestamp: number | null,
      _key: unknown,
      value: unknown,
      _headers: unknown,
      token: number,
    ) {
      const full = options.enqueue?.(String(value))
      if (full === undefined) sent.push({ value: String(value), token, done: false })
      return full
    },
    async flush(signal?: AbortSignal) {
      const over = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
      while (sent.some(({ done }) => !done) && signal?.aborted !== true)
        await Promise.race([drained.promise, over])
    },
  }
  const room = options.room ?? (() => undefined)
  const delivery = openAtLeastOnce({
    task,
    steps: options.steps ?? [],
    codec: text,
    tolerance,
    topics: options.topics ?? openGate,
    openProducer(told) {
      acknowledged = told
      return producer
    },
    reporting: true,
    reported: options.reported ?? (async () => {}),
    storeOffsets:
      options.storeOffsets ??
      (async (offsets) => {
        for (const [, offset] of offsets) if (offset !== null) stored.push(offset)
      }),
    topicUsed: () => {},
    wake: control.wake,
    control,
    flushIntervalMs: 5,
    flushTimeoutMs,
    meter,
    log,
  })
  const ended = runSource({ plugin: 'my.Source', task, delivery, room, control, state: () => {}, meter, log })
  ended.catch(() => {})
  return {
    control,
    lines,
    meter,
    failures,
    stored,
    sent: () => sent.map(({ value }) => value),
    acknowledge: (value: string) => settle(value, null),
    fail: (value: string, error = new KafkaError('CORRUPT_MESSAGE', 'refused for good')) =>
      settle(value, error),
    ended,
  }
}

const PARTITION = { file: 'f' }

/** A record for each word, at positions from 1. */
export const recordsOf = (words: string, more: Partial<SourceRecord> = {}): SourceRecord[] =>
  words.split(' ').map((value, i) =>
    sourceRecord({
      topic: 't',
      value,
      sourcePartition: PARTITION,
      sourceOffset: { position: i + 1 },
      ...more,
    }),
  )

/** A `poll` that gives its batches, then waits for the signal. */
export function polling(...batches: readonly SourceRecord[][]) {
  const left = [...batches]
  return async (signal: AbortSignal) => {
    const batch = left.shift()
    if (batch !== undefined) return batch
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    return null
  }
}
export const step = (apply: (record: SourceRecord) => SourceRecord | null): Step => ({
  executing: 'X',
  apply: apply as unknown as Step['apply'],
})
