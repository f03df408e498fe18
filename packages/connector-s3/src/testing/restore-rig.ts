import {
  ConnectError,
  type Props,
  parseConfig,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  type TaskLog,
} from '@isthmus/sdk'
import { restoreConfig } from '../config/restore.ts'
import { objectKey, partitionFolder } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { openRestoreTask } from '../source/task.ts'
import { encodeObject, type RecordToEncode } from './encode.ts'
import type { MemoryStore } from './memory-store.ts'

const LONGEST_MS = 10_000

/** Puts an object into the backup, named for its first and last record unless a test says otherwise; answers with its key. */
export function backUp(
  store: Pick<MemoryStore, 'objects'>,
  topic: string,
  partition: number,
  records: readonly RecordToEncode[],
  { start = records[0]?.offset ?? 0, end = records.at(-1)?.offset ?? 0, prefix = '' } = {},
): string {
  const key = objectKey(partitionFolder(prefix, topic, partition), start, end)
  store.objects.set(key, encodeObject(records))
  return key
}

/** Records with these offsets, each with a value that says its offset. */
export const recordsFrom = (start: number, end: number): readonly RecordToEncode[] =>
  Array.from({ length: end - start + 1 }, (_, index) => ({
    offset: start + index,
    value: `value ${start + index}`,
  }))

/** The configuration of a restore without a limit, and what a test says. */
export const restoreConfigOf = (props: Props) =>
  parseConfig(restoreConfig, {
    name: 'test',
    'connector.class': 'restore',
    'aws.s3.bucket': 'bucket',
    maxRecordsPerSecond: '0',
    ...props,
  })

/** Lines that were logged, each beginning with its level. */
export function openTestLog() {
  const lines: string[] = []
  const listeners = new Set<() => void>()
  const level = (name: string) => (message: string, error?: unknown) => {
    lines.push(`${name} ${message}${error === undefined ? '' : `: ${(error as Error).message}`}`)
    for (const listener of listeners) listener()
  }
  const log: TaskLog = {
    debug: level('debug'),
    info: level('info'),
    warn: level('warn'),
    error: level('error'),
  }
  return {
    log,
    lines,
    count: (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length,
    /** Aborts when so many lines match, those before this call included. */
    when(pattern: RegExp, times = 1): AbortSignal {
      const abort = new AbortController()
      const look = () => {
        if (lines.filter((line) => pattern.test(line)).length >= times) abort.abort()
      }
      listeners.add(look)
      look()
      return abort.signal
    },
  }
}
export type TestLog = ReturnType<typeof openTestLog>

export const openTestRestore = (
  props: Props,
  context: SourceTaskContext,
  store: ObjectStore,
): Promise<SourceTask> => openRestoreTask(restoreConfigOf(props), context, store)

/** The topics that a restore goes to: for each partition the offsets in the backup of the records that are there. */
export type RestoredTopics = Map<string, number[]>

/** Kafka has these records. */
export function acknowledge(
  task: SourceTask,
  records: readonly SourceRecord[],
  topics: RestoredTopics,
): void {
  for (const record of records) {
    const { topic, kafkaPartition, sourceOffset, timestamp } = record
    const partition = kafkaPartition ?? 0
    const log = topics.get(`${topic}-${partition}`) ?? []
    topics.set(`${topic}-${partition}`, log)
    log.push(Number(sourceOffset['lastReadOffset']))
    task.commitRecord?.(record, { topic, partition, offset: log.length - 1, timestamp: timestamp ?? -1 })
  }
}

export interface PollOptions {
  readonly until?: AbortSignal
  readonly most?: number
  /** What becomes of each batch; by default Kafka has it at once. */
  readonly deliver?: (records: readonly SourceRecord[]) => void
}

/** What a task gives until there are so many records or more, or `until` aborts. */
export async function pollAll(
  task: SourceTask,
  { until, most = Number.POSITIVE_INFINITY, deliver }: PollOptions,
): Promise<SourceRecord[]> {
  const topics: RestoredTopics = new Map()
  const late = AbortSignal.timeout(LONGEST_MS)
  const signal = until === undefined ? late : AbortSignal.any([late, until])
  const records: SourceRecord[] = []
  while (records.length < most && !signal.aborted) {
    const batch = (await task.poll(signal)) ?? []
    records.push(...batch)
    if (deliver === undefined) acknowledge(task, batch, topics)
    else deliver(batch)
  }
  if (late.aborted)
    throw new ConnectError('timeout', `Only ${records.length} records came in ${LONGEST_MS} ms`)
  return records
}

/** The offsets that records had in the backup, by the partition they had there. */
export function offsetsRead(records: readonly SourceRecord[]): { readonly [source: string]: number[] } {
  const read: { [source: string]: number[] } = {}
  for (const { sourcePartition, sourceOffset } of records) {
    const source = String(sourcePartition['source'])
    read[source] ??= []
    read[source].push(Number(sourceOffset['lastReadOffset']))
  }
  return read
}
