import type { Clock } from './clock.ts'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { SinkRecord, SourceOffset, SourcePartition, SourceRecord } from './record.ts'
import type { PartitionOffset, TopicPartition } from './topic-partition.ts'

export interface RecordMetadata extends PartitionOffset {
  readonly timestamp: number
}

export interface SourceTaskContext {
  readonly connector: string
  readonly task: number
  /** The stored offset of each source partition, in the same order; null where there is none. */
  offsets(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>
  readonly log: TaskLog
  /** The time, and how to wait. */
  readonly clock: Clock
  /**
   * Aborts when the task has ended, which is after its disposal or when it could not be opened, and when its stop has taken too long: give up
   * what is waited for. `poll` has a signal of its own, which aborts sooner and more than once.
   */
  readonly signal: AbortSignal
  /** Kafka's administration, as client of the task: see `KafkaAdmin`. */
  readonly kafka: KafkaAdmin
}

export interface TaskLog {
  debug(message: string, error?: unknown): void
  info(message: string, error?: unknown): void
  warn(message: string, error?: unknown): void
  error(message: string, error?: unknown): void
}

/** Opened by the plugin's `task` function; disposing it releases what it holds, always after the last `poll` settled. */
export interface SourceTask extends AsyncDisposable {
  /**
   * The next records, in order. Waits for data. `signal` aborts when the worker has something else to do first, a pause as well
   * as a stop: settle soon, with `null` or with what there is; the records count. Unless the task is stopped it is polled
   * again, after a pause with the next signal, so keep what was read and not yet returned. After a `retriable` error it is
   * polled again a tenth of a second later, with a line in the log each time: what may be away for longer is better waited for in here, until
   * the signal aborts. Any other error fails the task.
   */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null>
  /**
   * Every offset handed out before the last durable flush is safe now: the source may forget what lies before. What it throws is logged and no
   * more than that: a source that cannot go on without it fails by its next `poll`.
   */
  commit?(): MaybePromise<void>
  /** Called for each record when Kafka has it; `metadata` is null when a transform or the error policy dropped it. */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void
}

export interface SinkTaskContext {
  readonly connector: string
  readonly task: number
  readonly log: TaskLog
  /** The time, and how to wait. */
  readonly clock: Clock
  /**
   * Aborts when the task has ended, which is after its disposal or when it could not be opened, and when its stop has taken too long: give up
   * what is waited for.
   */
  readonly signal: AbortSignal
  /** Kafka's administration, as client of the task: see `KafkaAdmin`. */
  readonly kafka: KafkaAdmin
  /** Now assigned. */
  assignment(): readonly TopicPartition[]
  /** Takes effect before the next records are delivered. */
  seek(offsets: readonly PartitionOffset[]): void
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  /**
   * How long the worker is to wait for records at most before it calls `put` the next time, with none if need be. After a `retriable` failure: how
   * long before the batch is delivered again, a second unless it is said for that failure. Counts once.
   */
  retryAfter(ms: number): void
  /** Asks for a commit at the next turn of the loop instead of the next interval. */
  requestCommit(): void
  /**
   * Writes to the worker's standard output, as it is; settles when that has taken it. What a task prints by other means is lines of the log, and
   * so is this where the connector runs in a process of its own.
   */
  standardOutput(bytes: Uint8Array): Promise<void>
  /** Reports a bad record to the error log and the dead letter queue; null unless the connector has one of them. */
  readonly errantRecords: ((record: SinkRecord, error: unknown) => Promise<void>) | null
}

/** Calls come one at a time: open → put… → preCommit → close, then disposal. */
export interface SinkTask extends AsyncDisposable {
  /** Delivers records, in order per partition; may be empty. A `retriable` error makes the worker deliver the same batch again. */
  put(records: readonly SinkRecord[]): MaybePromise<void>
  /** Makes everything put so far durable. Without `preCommit`, the offsets are then safe to commit. */
  flush?(offsets: readonly PartitionOffset[]): MaybePromise<void>
  /** The offsets that are safe to commit, at most those given. Default: `flush`, then all of them. */
  preCommit?(offsets: readonly PartitionOffset[]): MaybePromise<readonly PartitionOffset[]>
  open?(partitions: readonly TopicPartition[]): MaybePromise<void>
  close?(partitions: readonly TopicPartition[]): MaybePromise<void>
}
