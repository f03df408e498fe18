import type { FetchedBatch, Fetcher } from '@isthmus/kafka'
import { type PartitionOffset, type SinkRecord, type SinkTask, systemClock } from '@isthmus/sdk'
import { memoryKafka } from '@isthmus/testkit'
import type { GroupChange } from '../host/messages.ts'
import { type LogEntry, loggerOf } from '../log/log.ts'
import { openControl } from '../task/control.ts'
import { openAssignment } from '../task/sink/assignment.ts'
import { openSinkContext } from '../task/sink/context.ts'
import type { ConvertBatch } from '../task/sink/convert.ts'
import { openGroupChanges } from '../task/sink/group-changes.ts'
import { openReading } from '../task/sink/reading.ts'
import { runSink } from '../task/sink/sink.ts'
import { openCountingMeter } from './counting-meter.ts'

export interface SinkLoopOptions {
  readonly task: (context: ReturnType<typeof openSinkContext>['context']) => Partial<SinkTask>
  readonly convert?: ConvertBatch
  readonly commit?: (offsets: readonly PartitionOffset[]) => Promise<unknown>
  readonly reported?: () => Promise<void>
  readonly room?: () => Promise<void> | undefined
  readonly commitIntervalMs?: number
  readonly commitTimeoutMs?: number
  readonly alive?: () => void
  /** The longest that a poll waits for records. */
  readonly patienceMs?: number
}

/**
 * The loop of a sink task between logs of words by topic and commits that a test sees and answers: for tests of timing, which no broker
 * gives. What the loop does with Kafka is tested with a worker.
 */
export function openSinkLoop(logs: { [topic: string]: string[] }, options: SinkLoopOptions) {
  const control = openControl('STARTED')
  const lines: LogEntry[] = []
  const log = loggerOf((entry) => lines.push(entry), 'test')
  const assignment = openAssignment()
  const changes = openGroupChanges(control.wake)
  const commits: string[] = []
  const seeks: string[] = []
  const waits: number[] = []
  const meter = openCountingMeter()
  const fetcher = fetcherOf(logs, seeks, waits, options.patienceMs ?? 5)
  const reading = openReading(assignment, fetcher)
  const { context, requests } = openSinkContext({
    connector: 'c',
    task: 0,
    signal: control.cancelled,
    kafka: memoryKafka(),
    log,
    clock: systemClock,
    assignment,
    pausesChanged: reading.pausesChanged,
    errantRecords: null,
    rethrow: () => {},
    wake: control.wake,
  })
  const given = options.task(context)
  const task: SinkTask = { put: () => {}, async [Symbol.asyncDispose]() {}, ...given }
  const ended = runSink({
    plugin: 'my.Sink',
    task,
    fetcher,
    convert: options.convert ?? convertWords,
    assignment,
    reading,
    requests,
    changes,
    control,
    async commit(offsets) {
      await options.commit?.(offsets)
      commits.push(offsets.map(({ topic, offset }) => `${topic}:${offset}`).join(','))
    },
    reported: options.reported ?? (async () => {}),
    room: options.room ?? (() => undefined),
    state: () => {},
    alive: options.alive ?? (() => {}),
    aliveMs: 1,
    topicUsed: () => {},
    commitIntervalMs: options.commitIntervalMs ?? 5,
    commitTimeoutMs: options.commitTimeoutMs ?? 5000,
    meter,
    log,
  })
  ended.catch(() => {})
  return {
    control,
    lines,
    meter,
    commits,
    seeks,
    /** How long each poll was to wait for records. */
    waits,
    change: (change: GroupChange) => changes.push(change),
    assign: (...topics: string[]) =>
      changes.push({
        type: 'assigned',
        partitions: topics.map((topic) => ({ topic, partition: 0, offset: null })),
      }),
    ended,
  }
}

export const convertWords: ConvertBatch = ({ topic, records }, into) => {
  for (const record of records) into.push(wordRecord(topic, record.offset, String(record.value)))
  return undefined
}
export const wordRecord = (topic: string, offset: number, value: string): SinkRecord => ({
  topic,
  kafkaPartition: 0,
  keySchema: null,
  key: null,
  valueSchema: null,
  value,
  timestamp: 0,
  headers: [],
  kafkaOffset: offset,
  timestampType: 'CreateTime',
  originalTopic: topic,
  originalKafkaPartition: 0,
  originalKafkaOffset: offset,
})

/** One record a poll and topic, so that a batch ends where a test can name it. */
function fetcherOf(
  logs: { [topic: string]: string[] },
  seeks: string[],
  waits: number[],
  patienceMs: number,
): Pick<Fetcher, 'assign' | 'seek' | 'pause' | 'resume' | 'poll'> {
  let positions = new Map<string, number>()
  const paused = new Set<string>()
  const take = (): FetchedBatch[] =>
    [...positions].flatMap(([topic, offset]) => {
      const word = paused.has(topic) ? undefined : logs[topic]?.[offset]
      if (word === undefined) return []
      positions.set(topic, offset + 1)
      const records = [{ offset, timestamp: 0, key: null, value: Buffer.from(word), headers: [] }]
      return [{ topic, partition: 0, timestampType: 'CreateTime', records, nextOffset: offset + 1 }]
    })
  return {
    assign(partitions) {
      positions = new Map(partitions.map(({ topic, offset }) => [topic, offset ?? positions.get(topic) ?? 0]))
    },
    seek(topic, _partition, offset) {
      seeks.push(`${topic}:${offset}`)
      positions.set(topic, offset)
    },
    pause: (topic) => void paused.add(topic),
    resume: (topic) => void paused.delete(topic),
    async poll(timeoutMs, signal) {
      waits.push(timeoutMs)
      const batches = take()
      if (batches.length > 0 || signal?.aborted === true) return batches
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(timeoutMs, patienceMs))
        signal?.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      })
      return take()
    },
  }
}
