import type { TransactionOutcome } from '@isthmus/protocol'
import type { TopicConfig } from '../topics/config.ts'

/** Whose batches are appended: what clients send is held to more rules. */
export type Origin = 'client' | 'coordinator'

/** `isolation.level` of whoever reads. */
export type Isolation = 'read_uncommitted' | 'read_committed'

export interface Appended {
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 unless the topic stamps records with the broker's time. */
  readonly logAppendTimeMs: number
  /** The batch was there already (idempotent producer, lost answer); the offsets are those of then. */
  readonly duplicate: boolean
}

export interface LogRead {
  /** Whole batches as they lie in the log, the first of which holds the offset asked for, or an offset before it. */
  readonly records: Buffer
  readonly abortedTransactions: readonly AbortedTransaction[] | null
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface ProducerView {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** -1 when the producer has no transaction going on here. */
  readonly currentTxnStartOffset: number
}

/**
 * The log of one partition: record batches in segment files. Everything is synchronous: `append` has written (not fsynced, as Kafka)
 * when it returns, so what it returned survives the death of the process, and nothing interleaves with it.
 */
export interface Log {
  /** The first offset that can be read; grows by retention and DeleteRecords. */
  readonly startOffset: number
  /** The offset of the next record. There is one replica, so it is the high watermark too. */
  readonly endOffset: number
  /** Before it, every transaction is decided. */
  readonly lastStableOffset: number
  /** Bytes of all segments. */
  readonly size: number
  /** Nothing can be read any more: the topic was deleted, or the broker stops. */
  readonly gone: boolean
  /**
   * Appends batches as a client sent them: validated, then given offsets in place; `records` is changed, and belongs to the log from then on.
   * Throws `RequestError` with the protocol's error; then nothing was appended.
   */
  append(records: Buffer, origin: Origin): Appended
  /** Ends the producer's transaction here, if it has one, with a marker. Without one, the marker is written all the same. */
  appendControl(
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
    outcome: TransactionOutcome,
  ): Appended
  /**
   * Reads from `offset`: at most `maxBytes`, but at least one batch if there is one before `limit` (the high watermark or the last
   * stable offset). Throws OFFSET_OUT_OF_RANGE, and CORRUPT_MESSAGE where the log is damaged.
   */
  read(offset: number, maxBytes: number, isolation: Isolation): LogRead
  /** Looks at every byte, not only at what is new since the last checkpoint, and says in the broker's log what is damaged. */
  verify(): void
  /** The first offset from `offset` on that is not lost to damage that is known. */
  intactFrom(offset: number): number
  /** Transactions aborted in [from, to), by first offset. */
  abortedTransactions(from: number, to: number): AbortedTransaction[]
  /** The first record at or after `timestamp`; null when there is none. */
  offsetForTimestamp(timestamp: number): { offset: number; timestamp: number } | null
  /** The record with the greatest timestamp; null in an empty log. */
  maxTimestamp(): { offset: number; timestamp: number } | null
  /** Forgets what lies before `offset`, durably. Throws OFFSET_OUT_OF_RANGE. */
  deleteBefore(offset: number): void
  producers(): ProducerView[]
  /** `listener` is called (once) after the next append, marker or deletion. */
  onceChanged(listener: () => void): Disposable
  /** Takes the topic's changed configs. */
  configure(config: TopicConfig): void
}
