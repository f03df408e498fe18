import type { Clock } from './clock.ts'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { SinkRecord, SourceOffset, SourcePartition, SourceRecord } from './record.ts'
import type { PartitionOffset, TopicPartition } from './topic-partition.ts'

/** Where Kafka has put a record of a source. `offset` is that of the record, -1 where the broker does not tell. */
export interface RecordMetadata extends PartitionOffset {
  /** Epoch milliseconds, as Kafka has it. */
  readonly timestamp: number
}

/** What a source task is lent; all of it is for the task's own thread. */
export interface SourceTaskContext {
  /** The connector's name. */
  readonly connector: string
  /** The task's number, from 0. */
  readonly task: number
  /** The stored offset of each source partition, in the same order; null where there is none: begin at the beginning. */
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

/** Lines of a log, each with the connector's and task's name before it. An error is shown with its trace and its causes. */
export interface TaskLog {
  debug(message: string, error?: unknown): void
  info(message: string, error?: unknown): void
  warn(message: string, error?: unknown): void
  error(message: string, error?: unknown): void
}

/**
 * Opened by the plugin's `task` function; its calls come in one thread. Disposing it releases what it holds, always after the last `poll` settled and the
 * last offsets were stored. A disposal that takes longer than the worker waits (`task.shutdown.graceful.timeout.ms`) is given up.
 */
export interface SourceTask extends AsyncDisposable {
  /**
   * The next records, in order, as an array, or null where there are none. Called again and again, one call at a time. Waits for data. `signal` aborts when the worker has something else to do first, a pause as well
   * as a stop: settle soon, with `null` or with what there is; the records count. Unless the task is stopped it is polled
   * again, after a pause with the next signal, so keep what was read and not yet returned. After a `retriable` error it is
   * polled again a tenth of a second later, with a line in the log each time: what may be away for longer is better waited for in here, until
   * the signal aborts. Any other error fails the task.
   */
  poll(signal: AbortSignal): Promise<readonly SourceRecord[] | null>
  /**
   * Every offset handed out before the last durable flush is safe now: the source may forget what lies before. Called after each flush
   * (`offset.flush.interval.ms`), also while a `poll` waits. What it throws is logged and no
   * more than that: a source that cannot go on without it fails by its next `poll`.
   */
  commit?(): MaybePromise<void>
  /**
   * Called for each record when Kafka has it, in the order of each topic-partition, also while a `poll` waits; `metadata` is null when a transform or the
   * error policy dropped it. What it throws is logged.
   */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void
}

/** What a sink task is lent; all of it is for the task's own thread, and may be called from any of its functions. */
export interface SinkTaskContext {
  /** The connector's name. */
  readonly connector: string
  /** The task's number, from 0. */
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
  /** Now assigned: after `open` of them has begun, until `close` of them has ended. */
  assignment(): readonly TopicPartition[]
  /** Where to go on, by the offset of the next record. Takes effect before the next records are delivered; partitions that are not assigned are left out, with a line in the log. */
  seek(offsets: readonly PartitionOffset[]): void
  /** No more records of these come until they are resumed or assigned anew; the group keeps them. Throws a `state` error for what is not assigned. */
  pause(partitions: readonly TopicPartition[]): void
  /** Takes a `pause` back. */
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
  /**
   * Reports a bad record to the error log and the dead letter queue; null unless the connector has one of them. Rejects where errors are not tolerated
   * (`errors.tolerance=none`), and the task is FAILED then, whether it waits for it or not. No offset is committed before the dead letters of earlier records are in Kafka.
   */
  readonly errantRecords: ((record: SinkRecord, error: unknown) => Promise<void>) | null
}

/**
 * Calls come one at a time, in one thread: open → put… → preCommit → close, then disposal, which is after the last `close`. An error that is not told
 * of otherwise makes the task FAILED. A call that takes longer than `max.poll.interval.ms` costs the task its partitions.
 */
export interface SinkTask extends AsyncDisposable {
  /**
   * Takes records, in order per partition; an empty array comes at least every ten seconds. They may be kept until the next commit. A `retriable` error makes
   * the worker deliver the same batch again (`retryAfter` says when), with nothing else before it. Nobody heeds what it answers with.
   */
  put(records: readonly SinkRecord[]): MaybePromise<void>
  /**
   * Makes everything put so far durable. Called before each commit, with the offset behind the last record put of each partition. Without
   * `preCommit`, those are then safe to commit. After an error nothing is committed, and records since the last commit are delivered again.
   */
  flush?(offsets: readonly PartitionOffset[]): MaybePromise<void>
  /**
   * The offsets that are safe to commit, at most those given, which are behind the last record put of each partition; an empty array where none are. What is
   * beyond them, or of other partitions, is left out with a line in the log. Default: `flush`, then all of them. Errors are as those of `flush`.
   */
  preCommit?(offsets: readonly PartitionOffset[]): MaybePromise<readonly PartitionOffset[]>
  /** These are assigned from now on, beside those that are already; their records come after it. */
  open?(partitions: readonly TopicPartition[]): MaybePromise<void>
  /** These are given up: after `preCommit` of them, or without it where the group has taken them already. What was not committed comes again to whoever gets them. */
  close?(partitions: readonly TopicPartition[]): MaybePromise<void>
}
