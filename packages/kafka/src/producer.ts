import type { ClientProps, Cluster } from './cluster.ts'
import type { KafkaError } from './errors.ts'

/** A string stands for its UTF-8 bytes: it is encoded straight into the batch. */
export type RecordBytes = Uint8Array | string | null
export interface RecordHeader {
  readonly key: string
  readonly value: RecordBytes
}

/** What became of the records of one batch, in the order they were enqueued. */
export interface Acknowledged<T> {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record; -1 on error or when the broker does not tell. */
  readonly baseOffset: number
  readonly error: KafkaError | null
  /** The token of each record. */
  readonly tokens: readonly T[]
  /** The timestamp each was stored with. */
  readonly timestamps: readonly number[]
}

export interface ProducerOptions<T> {
  /** Called once for each record, batch by batch, never before `enqueue` returned; batches of a partition in order. */
  readonly acknowledged: (batch: Acknowledged<T>) => void
}

/**
 * Idempotent by default (enable.idempotence, max.in.flight.requests.per.connection ≤ 5): retries never duplicate nor reorder
 * within a partition. `T` is whatever the caller wants back with the acknowledgement: no promise or closure per record.
 */
export interface Producer<T> extends AsyncDisposable {
  /**
   * Takes a record, or returns a promise and takes nothing: wait for it and enqueue again. It settles when the buffer has room
   * (`buffer.memory`: back pressure) or the topic's metadata is there; it rejects when the topic cannot be had
   * (`max.block.ms`). Throws RECORD_TOO_LARGE for a record above `max.request.size`. `partition` null: by key (murmur2, as Java),
   * else sticky. `timestamp` null: now.
   */
  enqueue(
    topic: string,
    partition: number | null,
    timestamp: number | null,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[],
    token: T,
  ): Promise<void> | undefined
  /** Sends what waits for `linger.ms` and resolves when every record enqueued so far was acknowledged or failed. */
  flush(signal?: AbortSignal): Promise<void>
  /** Records enqueued and not yet acknowledged. */
  readonly pending: number
}
export type OpenProducer = <T>(
  cluster: Cluster,
  props: ClientProps,
  options: ProducerOptions<T>,
) => Producer<T>
