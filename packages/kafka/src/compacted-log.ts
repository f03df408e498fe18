import { type Admin, openAdmin } from './admin/admin.ts'
import { optional } from './cluster/attempts.ts'
import type { Cluster } from './cluster/cluster.ts'
import { KafkaError } from './errors.ts'
import { type Fetcher, openFetcher } from './fetcher/fetcher.ts'
import { type Acknowledged, openProducer, type Producer } from './producer/producer.ts'
import type { RecordBytes } from './producer/record.ts'
import type { ClientProps } from './properties/types.ts'
import type { Stalled } from './stall.ts'
import type { PartitionOffset, TopicPartition } from './topic-partition.ts'
import { abortable, abortedError, delay } from './waiting.ts'

/** A compacted topic as the log of a replicated map: offsets, configs and statuses of distributed workers. */
export interface CompactedLog extends AsyncDisposable {
  /** Resolves when the records are written (acks=all), in order; rejects with the first that failed. Appends never overtake each other. */
  append(records: readonly { key: RecordBytes; value: RecordBytes }[], signal?: AbortSignal): Promise<void>
  /**
   * Resolves when everything that was in the topic at the time of the call has been given to `apply`, under `read_committed` also
   * when the transactions open then have ended. Rejects with what keeps the topic from being read.
   */
  readToEnd(signal?: AbortSignal): Promise<void>
}
/** `partition` and `offset` say where it is in the topic. */
export interface CompactedRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}
export interface CompactedLogOptions {
  readonly topic: string
  /** Told when the topic could not be read, or written to, for a while. */
  readonly stalled?: { readonly reading: Stalled; readonly writing: Stalled }
  /** The producer's connections and properties, where they are not those of the reader. */
  readonly writing?: { readonly cluster: Cluster; readonly props: ClientProps }
  /**
   * Called for each record, in order per partition, from the beginning of the topic on; from the beginning again when the topic
   * was made anew or cut. Must not throw: what it throws ends the log.
   */
  readonly apply: (record: CompactedRecord) => void
}

/** Looks for progress without records (control batches, resets) as often while somebody waits. */
const WAITING_POLL_MS = 50
const IDLE_POLL_MS = 3_600_000
const PAUSE_AFTER_ERROR_MS = 1_000

/** One call of `append`: the token of each of its records. */
interface Write {
  left: number
  error: KafkaError | null
  readonly done: PromiseWithResolvers<void>
}
/** One call of `readToEnd`: the position to reach, by partition. */
interface Reading {
  readonly ends: readonly PartitionOffset[]
  readonly done: PromiseWithResolvers<void>
}

/**
 * Resolves when the topic was read to its end once. `props` are the producer's and the consumer's in one: `isolation.level`,
 * `acks`, `compression.type`…
 */
export async function openCompactedLog(
  cluster: Cluster,
  props: ClientProps,
  options: CompactedLogOptions,
  signal?: AbortSignal,
): Promise<CompactedLog> {
  const { topic, stalled, writing = { cluster, props } } = options
  await using clients = new AsyncDisposableStack()
  const fetcher = clients.use(
    openFetcher(
      cluster,
      { ...props, 'auto.offset.reset': 'earliest' },
      stalled && { stalled: stalled.reading },
    ),
  )
  const producer = clients.use(
    openProducer<Write>(writing.cluster, writing.props, {
      ...(stalled && { stalled: stalled.writing }),
      acknowledged: settleWrites,
    }),
  )
  const info = await cluster.topic(topic, optional(signal))
  const partitions = info.partitions.map(({ partition }) => ({ topic, partition }))
  const admin = openAdmin(cluster)
  fetcher.assign(await admin.listOffsets(partitions, 'earliest', optional(signal)))
  const log = new TopicLog({ options, admin, partitions, fetcher, producer, clients: clients.move() })
  try {
    await log.readToEnd(signal)
    return log
  } catch (error) {
    await log[Symbol.asyncDispose]()
    throw error
  }
}

function settleWrites({ tokens, error }: Acknowledged<Write>): void {
  for (const write of tokens) {
    write.error ??= error
    if (--write.left > 0) continue
    if (write.error) write.done.reject(write.error)
    else write.done.resolve()
  }
}

interface Parts {
  readonly options: CompactedLogOptions
  readonly admin: Admin
  readonly partitions: readonly TopicPartition[]
  /** Has the partitions, from their beginning on. */
  readonly fetcher: Fetcher
  readonly producer: Producer<Write>
  /** Both, to be disposed of. */
  readonly clients: AsyncDisposable
}

class TopicLog implements CompactedLog {
  private readonly parts: Parts
  /** Ends when the log is closed, or a record could not be applied. */
  private readonly lifetime = new AbortController()
  private readonly readings = new Set<Reading>()
  private readonly loop: Promise<void>
  /** Ends the poll that does not know yet that somebody waits. */
  private hurry = new AbortController()
  private lastAppend: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.parts = parts
    this.loop = this.read()
  }

  /** Ends with the log. What cannot be read fails those who wait, and is tried again. */
  private async read(): Promise<void> {
    const { signal } = this.lifetime
    while (!signal.aborted) {
      try {
        const patienceMs = this.readings.size > 0 ? WAITING_POLL_MS : IDLE_POLL_MS
        const batches = await this.parts.fetcher.poll(patienceMs, this.hurry.signal)
        for (const { partition, records } of batches)
          for (const { offset, timestamp, key, value } of records)
            this.apply({ partition, offset, timestamp, key, value })
        this.settleReached()
      } catch (error) {
        if (signal.aborted) return
        this.fail(error as KafkaError)
        await delay(PAUSE_AFTER_ERROR_MS, signal)
      }
    }
  }
  private apply(record: CompactedRecord): void {
    try {
      this.parts.options.apply(record)
    } catch (cause) {
      const where = `${this.parts.options.topic}-${record.partition} at offset ${record.offset}`
      const error = new KafkaError(
        'CLOSED',
        `The record of ${where} could not be applied: ${String(cause)}`,
        { cause },
      )
      this.end(error)
      throw error
    }
  }
  private settleReached(): void {
    for (const reading of this.readings) {
      if (!reading.ends.every((end) => this.isReached(end))) continue
      this.readings.delete(reading)
      reading.done.resolve()
    }
  }
  private isReached({ topic, partition, offset }: PartitionOffset): boolean {
    return (this.parts.fetcher.position(topic, partition) ?? -1) >= offset
  }
  private fail(error: KafkaError): void {
    for (const reading of this.readings) reading.done.reject(error)
    this.readings.clear()
  }
  private end(error: KafkaError): void {
    this.lifetime.abort(error)
    this.fail(error)
  }

  async readToEnd(signal?: AbortSignal): Promise<void> {
    const { admin, partitions, producer, options } = this.parts
    const doing = `Reading ${options.topic} to its end`
    this.lifetime.signal.throwIfAborted()
    await abortable(producer.flush(), signal, doing)
    const all = signal ? AbortSignal.any([signal, this.lifetime.signal]) : this.lifetime.signal
    const ends = await admin.listOffsets(partitions, 'latest', { signal: all })
    this.lifetime.signal.throwIfAborted()
    const reading: Reading = { ends, done: Promise.withResolvers() }
    this.readings.add(reading)
    this.settleReached()
    if (this.readings.has(reading)) {
      this.hurry.abort()
      this.hurry = new AbortController()
    }
    try {
      await abortable(reading.done.promise, signal, doing)
    } finally {
      this.readings.delete(reading)
    }
  }

  append(records: readonly { key: RecordBytes; value: RecordBytes }[], signal?: AbortSignal): Promise<void> {
    const doing = `Appending to ${this.parts.options.topic}`
    if (records.length === 0) return Promise.resolve()
    const write: Write = { left: records.length, error: null, done: Promise.withResolvers() }
    const enqueued = this.lastAppend.then(() => this.enqueue(records, write, signal, doing))
    this.lastAppend = enqueued.catch((error) => write.done.reject(error))
    return abortable(write.done.promise, signal, doing)
  }
  /** Whole or, when it fails on the way, in part: then the write is rejected whatever becomes of that part. */
  private async enqueue(
    records: readonly { key: RecordBytes; value: RecordBytes }[],
    write: Write,
    signal: AbortSignal | undefined,
    doing: string,
  ): Promise<void> {
    const { producer, options } = this.parts
    for (const { key, value } of records) {
      for (;;) {
        this.lifetime.signal.throwIfAborted()
        if (signal?.aborted) throw abortedError(signal, doing)
        const room = producer.enqueue(options.topic, null, null, key, value, [], write)
        if (room === undefined) break
        await room
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(new KafkaError('CLOSED', `The log of ${this.parts.options.topic} was closed`))
    await this.parts.clients[Symbol.asyncDispose]()
    await this.loop
  }
}
