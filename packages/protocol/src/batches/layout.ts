import type { Compression } from '../compression/compression.ts'
import { crc32c } from '../hashes/crc32c.ts'

/** Where the fields of a record batch (magic 2) lie. Offset and leader epoch are outside the CRC, so a broker assigns them in place. */
export const BATCH_AT = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const

/** Of the header, and so of the smallest batch. */
export const BATCH_HEADER_BYTES: number = BATCH_AT.records

/** `batchLength` counts what follows it. */
export const BATCH_LENGTH_ENDS: number = BATCH_AT.leaderEpoch

/** Of the batch at `at`, header included, as it says itself: its first `BATCH_LENGTH_ENDS` bytes have to be there. */
export const batchSize = (bytes: Buffer, at: number): number =>
  BATCH_LENGTH_ENDS + bytes.readInt32BE(at + BATCH_AT.batchLength)

export const LOG_APPEND_TIME = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20
export const COMPRESSION_MASK = 0x07

export type TimestampType = 'CreateTime' | 'LogAppendTime'

/** A string stands for its UTF-8 bytes: it is encoded straight into the batch. */
export type RecordBytes = Uint8Array | string | null
export interface RecordHeader {
  readonly key: string
  readonly value: RecordBytes
}

/** The header of a received batch; its records stay encoded until `decodeRecords`. */
export interface RecordBatch {
  /** The whole batch, header included: a view of what was received. */
  readonly buffer: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly compression: Compression
  readonly timestampType: TimestampType
  readonly transactional: boolean
  /** Holds a commit or abort marker instead of data. */
  readonly control: boolean
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** -1 without idempotence; then epoch and sequence are -1 too. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  /** After compaction it may be less than the offsets span, even 0. */
  readonly count: number
}

/** The sequence number `count` records later; it wraps at 2^31, as brokers expect. */
export function addToSequence(sequence: number, count: number): number {
  return (sequence + count) % 0x80000000
}

export function batchCrc(batch: Buffer): number {
  return crc32c(batch.subarray(BATCH_AT.attributes))
}
export function sealBatch(batch: Buffer): void {
  batch.writeUInt32BE(batchCrc(batch), BATCH_AT.crc)
}
