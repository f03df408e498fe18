import { openAdmin } from './admin/admin.ts'
import type { Cluster } from './cluster/cluster.ts'
import { KafkaError } from './errors.ts'
import { openFetcher } from './fetcher/fetcher.ts'
import { openProducer } from './producer/producer.ts'
import type { RecordBytes } from './producer/record.ts'
import type { ClientProps } from './properties/types.ts'
import type { Stalled } from './stall.ts'
import type { TopicPartition } from './topic-partition.ts'
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
  readonly apply: (record: {
    readonly partition: number
    readonly offset: number
    readonly timestamp: number
    readonly key: Buffer | null
    readonly value: Buffer | null
  }) => void
}

/** Looks for progress without records (control batches, resets) as often while somebody waits. */
const WAITING_POLL_MS = 50
const IDLE_POLL_MS = 3_600_000
const PAUSE_AFTER_ERROR_MS = 1_000

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
  const log = new TopicLog(cluster, props, options)
  try {
    await log.begin(signal)
    await log.readToEnd(signal)
    return log
  } catch (error) {
    await log[Symbol.asyncDispose]()
    throw error
  }
}

/** One call of `append`: the token of each of its records. */
interface Write {
  left: number
  error: KafkaError | null
  readonly done: PromiseWithResolvers<void>
}
/** One call of `readToEnd`: the position to reach, by partition. */
interface Reading {
  readonly ends: readonly { readonly partition: number; readonly offset: number }[]
  readonly done: PromiseWithResolvers<void>
}

class TopicLog implements CompactedLog {
  private readonly cluster: Cluster
  private readonly options: CompactedLogOptions
  private readonly producer
  private readonly fetcher
  private readonly lifetime = new AbortController()
  private readonly readings = new Set<Reading>()
  private partitions: readonly TopicPartition[] = []
  private lastAppend: Promise<void> = Promise.resolve()
  private loop: Promise<void> = Promise.resolve()
  private failed: KafkaError | null = null
  private interrupt: AbortController | null = null

  constructor(cluster: Cluster, props: ClientProps, options: CompactedLogOptions) {
    this.cluster = cluster
    this.options = options
    const { stalled } = options
    const told = stalled && { stalled: stalled.reading }
    this.fetcher = openFetcher(cluster, { ...props, 'auto.offset.reset': 'earliest' }, told)
    const writing = options.writing ?? { cluster, props }
    this.producer = openProducer<Write>(writing.cluster, writing.props, {
      ...(stalled && { stalled: stalled.writing }),
      acknowledged({ tokens, error }) {
        for (const write of tokens) {
          write.error ??= error
          if (--write.left > 0) continue
          if (write.error) write.done.reject(write.error)
          else write.done.resolve()
        }
      },
    })
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    const { topic } = this.options
    const info = await this.cluster.topic(topic, signal ? { signal } : {})
    this.partitions = info.partitions.map(({ partition }) => ({ topic, partition }))
    const admin = openAdmin(this.cluster)
    const starts = await admin.listOffsets(this.partitions, 'earliest', signal ? { signal } : {})
    this.fetcher.assign(starts)
    this.loop = this.read()
  }

  /** Ends with the log. What cannot be read fails those who wait, and is tried again. */
  private async read(): Promise<void> {
    const { signal } = this.lifetime
    while (!signal.aborted) {
      try {
        this.interrupt = new AbortController()
        const patience = this.readings.size > 0 ? WAITING_POLL_MS : IDLE_POLL_MS
        const batches = await this.fetcher.poll(patience, this.interrupt.signal)
        for (const { partition, records } of batches)
          for (const { offset, timestamp, key, value } of records)
            this.apply({ partition, offset, timestamp, key, value })
        this.settleReached()
      } catch (error) {
        if (signal.aborted) return
        this.fail(error as KafkaError)
        if (this.failed) return
        await delay(PAUSE_AFTER_ERROR_MS, signal)
      }
    }
  }
  private apply(record: Parameters<CompactedLogOptions['apply']>[0]): void {
    try {
      this.options.apply(record)
    } catch (error) {
      const where = `${this.options.topic}-${record.partition} at offset ${record.offset}`
      this.failed = new KafkaError(
        'CLOSED',
        `The record of ${where} could not be applied: ${String(error)}`,
        {
          cause: error,
        },
      )
      throw this.failed
    }
  }
  private settleReached(): void {
    for (const reading of this.readings) {
      if (!reading.ends.every((end) => this.isReached(end))) continue
      this.readings.delete(reading)
      reading.done.resolve()
    }
  }
  private isReached({ partition, offset }: { partition: number; offset: number }): boolean {
    return (this.fetcher.position(this.options.topic, partition) ?? -1) >= offset
  }
  private fail(error: KafkaError): void {
    for (const reading of this.readings) reading.done.reject(error)
    this.readings.clear()
  }

  async readToEnd(signal?: AbortSignal): Promise<void> {
    const doing = `Reading ${this.options.topic} to its end`
    this.refuseIfOver()
    await abortable(this.producer.flush(), signal, doing)
    const all = signal ? AbortSignal.any([signal, this.lifetime.signal]) : this.lifetime.signal
    const ends = await openAdmin(this.cluster).listOffsets(this.partitions, 'latest', { signal: all })
    this.refuseIfOver()
    const reading: Reading = { ends, done: Promise.withResolvers() }
    this.readings.add(reading)
    this.settleReached()
    if (this.readings.has(reading)) this.interrupt?.abort()
    try {
      await abortable(reading.done.promise, signal, doing)
    } finally {
      this.readings.delete(reading)
    }
  }

  append(records: readonly { key: RecordBytes; value: RecordBytes }[], signal?: AbortSignal): Promise<void> {
    const doing = `Appending to ${this.options.topic}`
    if (records.length === 0) return Promise.resolve()
    const write: Write = { left: records.length, error: null, done: Promise.withResolvers() }
    const turn = this.lastAppend.then(() => this.enqueue(records, write, signal, doing))
    this.lastAppend = turn.catch(() => undefined)
    turn.catch((error) => write.done.reject(error))
    return abortable(write.done.promise, signal, doing)
  }
  /** Whole or, when it fails on the way, in part: then the write is rejected whatever becomes of that part. */
  private async enqueue(
    records: readonly { key: RecordBytes; value: RecordBytes }[],
    write: Write,
    signal: AbortSignal | undefined,
    doing: string,
  ): Promise<void> {
    for (const { key, value } of records) {
      for (;;) {
        this.refuseIfOver()
        if (signal?.aborted) throw abortedError(signal, doing)
        const room = this.producer.enqueue(this.options.topic, null, null, key, value, [], write)
        if (room === undefined) break
        await room
      }
    }
  }

  private refuseIfOver(): void {
    if (this.failed) throw this.failed
    this.lifetime.signal.throwIfAborted()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifetime.signal.aborted) return
    const reason = new KafkaError('CLOSED', `The log of ${this.options.topic} was closed`)
    this.lifetime.abort(reason)
    this.fail(reason)
    await Promise.all([this.fetcher[Symbol.asyncDispose](), this.producer[Symbol.asyncDispose]()])
    await this.loop
  }
}
