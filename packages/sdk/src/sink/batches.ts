import type { Clock } from '../clock.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SinkRecord } from '../record.ts'
import type { SinkTaskContext } from '../task.ts'
import type { PartitionOffset, TopicPartition } from '../topic-partition.ts'
import { nameOf } from './by-partition.ts'

/** When a batch is full, and what it is for. */
export interface BatchesOptions<K> {
  /** What a record is for: a table, a file, its partition. Keys are told apart as those of a `Map`. */
  readonly keyOf: (record: SinkRecord) => K
  /** A batch has no more. */
  readonly maxRecords: number
  /** A batch has no more, by `sizeOf`; a record that is larger is a batch of its own. */
  readonly maxBytes?: number
  /** Bytes of one record in the target, about. */
  readonly sizeOf?: (record: SinkRecord) => number
  /** A record waits no longer for a batch to be full; looked at whenever records are added, for which the worker comes in time. */
  readonly maxMs?: number
  /** Of all keys together, not written yet; beyond it the oldest batches are written, full or not. 50,000 when absent. */
  readonly maxBuffered?: number
}

/** Records on their way to the target, in a buffer for each key. Its functions are called one at a time, as those of a task are. */
export interface Batches {
  /**
   * For `put`: takes the records, then writes the batches that are full or old. Rejects with what `write` throws; everything that is not written
   * is kept, and what a worker delivers again, as it does after a `retriable` error, is not taken twice.
   */
  add(records: readonly SinkRecord[]): Promise<void>
  /** Writes all that is left, the oldest first: for `flush`, or for `preCommit` where nothing may stay behind. Rejects as `add` does. */
  flush(): Promise<void>
  /** For `preCommit` without a flush: the offsets given, each at most that of the first record of its partition that is not written. */
  safe(offsets: readonly PartitionOffset[]): readonly PartitionOffset[]
  /** For `close`: forgets these partitions and what is not written of them, which comes again to whoever gets them next. */
  drop(partitions: readonly TopicPartition[]): void
}

interface Buffer<K> {
  readonly key: K
  records: SinkRecord[]
  bytes: number
  /** When the oldest came. */
  since: number
}

interface Taken extends TopicPartition {
  /** Behind the last record taken. */
  next: number
  /** Up to where the worker delivers again what was taken already. */
  again: number
}

const DEFAULT_BUFFERED = 50_000

/**
 * A buffer for each key, such as a table or a partition. `write` gets one batch at a time: records of one key in the order in which they came,
 * never more than a batch may have, and those of a key only after the earlier ones were written. It either takes the whole batch or throws:
 * `retriable` makes the worker wait and deliver again what it delivered last, any other error fails the task. Its signal is that of the
 * context.
 *
 * ```ts
 * const tables = batches(context, { keyOf: tableOf, maxRecords: 1000, maxMs: 5000 }, insert)
 * return { put: tables.add, flush: tables.flush, close: tables.drop, async [Symbol.asyncDispose]() {} }
 * ```
 */
export function batches<K>(
  context: Pick<SinkTaskContext, 'signal' | 'retryAfter'> & { readonly clock: Clock },
  options: BatchesOptions<K>,
  write: (key: K, records: readonly SinkRecord[], signal: AbortSignal) => MaybePromise<void>,
): Batches {
  const { keyOf, maxRecords, maxBytes = Infinity, sizeOf = () => 0, maxMs = Infinity } = options
  const { maxBuffered = DEFAULT_BUFFERED } = options
  if (!(maxRecords >= 1)) throw new RangeError(`batches: maxRecords is at least 1, not ${maxRecords}`)
  if (maxBytes !== Infinity && options.sizeOf === undefined)
    throw new TypeError('batches: maxBytes needs sizeOf, which says how many bytes a record has')
  const { clock, signal } = context
  /** By key; the one that has waited longest comes first. */
  const buffers = new Map<K, Buffer<K>>()
  let buffered = 0
  const partitions = new Map<string, Taken>()
  let latest: Taken | null = null

  /** Neighbours are of one partition nearly always. */
  const takenOf = ({ originalTopic: topic, originalKafkaPartition: partition }: SinkRecord): Taken => {
    if (latest !== null && latest.partition === partition && latest.topic === topic) return latest
    const name = nameOf(topic, partition)
    latest = partitions.get(name) ?? { topic, partition, next: -1, again: -1 }
    partitions.set(name, latest)
    return latest
  }

  /** Of what is not written: the records of a partition from an offset on. */
  const forget = ({ topic, partition }: TopicPartition, from: number): void => {
    for (const [key, buffer] of buffers) {
      const kept = buffer.records.filter(
        (one) =>
          one.originalKafkaOffset < from ||
          one.originalKafkaPartition !== partition ||
          one.originalTopic !== topic,
      )
      buffered -= buffer.records.length - kept.length
      if (kept.length === 0) buffers.delete(key)
      else if (kept.length < buffer.records.length) {
        buffer.records = kept
        buffer.bytes = bytesOf(kept)
      }
    }
  }
  const bytesOf = (records: readonly SinkRecord[]): number =>
    records.reduce((sum, record) => sum + sizeOf(record), 0)

  const take = (record: SinkRecord, now: number): void => {
    const from = takenOf(record)
    const { originalKafkaOffset: offset } = record
    if (offset < from.again) return
    // the partition went back, and brings what lies behind again
    if (offset < from.next) forget(from, offset)
    from.next = offset + 1
    const key = keyOf(record)
    const bytes = sizeOf(record)
    const buffer = buffers.get(key)
    if (buffer === undefined) buffers.set(key, { key, records: [record], bytes, since: now })
    else {
      buffer.records.push(record)
      buffer.bytes += bytes
    }
    buffered++
  }

  const isFull = ({ records, bytes }: Buffer<K>): boolean => records.length >= maxRecords || bytes >= maxBytes

  /** How many of its records the next batch has. */
  const batchOf = ({ records, bytes }: Buffer<K>): number => {
    const most = Math.min(records.length, Math.floor(maxRecords))
    if (bytes <= maxBytes) return most
    let sum = 0
    for (let count = 0; count < most; count++) {
      sum += sizeOf(records[count] as SinkRecord)
      if (sum > maxBytes) return Math.max(1, count)
    }
    return most
  }

  const writeBatch = async (buffer: Buffer<K>): Promise<void> => {
    const count = batchOf(buffer)
    await write(buffer.key, buffer.records.slice(0, count), signal)
    buffered -= count
    buffers.delete(buffer.key)
    // what is left came with the last records: it is the youngest
    const records = buffer.records.slice(count)
    if (records.length > 0)
      buffers.set(buffer.key, { key: buffer.key, records, bytes: bytesOf(records), since: clock.now() })
  }

  return {
    async add(records) {
      const now = clock.now()
      for (const record of records) take(record, now)
      // until all is well: should a write fail, the worker delivers these again
      for (const one of partitions.values()) one.again = one.next
      for (const { key } of [...buffers.values()])
        for (let buffer = buffers.get(key); buffer !== undefined; buffer = buffers.get(key)) {
          if (!isFull(buffer) && Math.abs(clock.now() - buffer.since) < maxMs) break
          await writeBatch(buffer)
        }
      for (const buffer of buffers.values()) {
        if (buffered <= maxBuffered) break
        await writeBatch(buffer)
      }
      for (const one of partitions.values()) one.again = -1
      const [oldest] = buffers.values()
      if (oldest !== undefined && maxMs !== Infinity)
        context.retryAfter(Math.max(0, oldest.since + maxMs - clock.now()))
    },
    async flush() {
      for (let [oldest] = buffers.values(); oldest !== undefined; [oldest] = buffers.values())
        await writeBatch(oldest)
    },
    safe(offsets) {
      const first = new Map<Taken, number>()
      for (const { records } of buffers.values())
        for (const record of records) {
          const from = takenOf(record)
          if (record.originalKafkaOffset < (first.get(from) ?? Infinity))
            first.set(from, record.originalKafkaOffset)
        }
      return offsets.map((one) => {
        const from = partitions.get(nameOf(one.topic, one.partition))
        const unwritten = (from && first.get(from)) ?? Infinity
        return unwritten < one.offset ? { ...one, offset: unwritten } : one
      })
    },
    drop(dropped) {
      for (const one of dropped) {
        forget(one, 0)
        partitions.delete(nameOf(one.topic, one.partition))
      }
      latest = null
    },
  }
}
