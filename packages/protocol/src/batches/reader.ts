import { MalformedError, readInt64 } from '../codec/bytes.ts'
import { compressionOf, decompress, decompressAsync } from '../compression/compression.ts'
import { BatchError } from './error.ts'
import {
  BATCH_AT,
  batchCrc,
  batchSize,
  COMPRESSION_MASK,
  CONTROL,
  LOG_APPEND_TIME,
  type RecordBatch,
  TRANSACTIONAL,
} from './layout.ts'

export interface DecodedHeader {
  readonly key: string
  readonly value: Buffer | null
}
/** `key`, `value` and header values are views: they stay valid, and keep the batch in memory, as long as they are held. */
export interface DecodedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly DecodedHeader[]
}

export interface ReadOptions {
  /** Recompute each batch's CRC-32C (`check.crcs`). Default true. */
  readonly checkCrc?: boolean
  /** What to do about bytes behind the last whole batch: a fetch may end in one, a produce request may not. Default 'drop'. */
  readonly partial?: 'drop' | 'refuse'
}

const NO_HEADERS: readonly DecodedHeader[] = Object.freeze([])
/** Length, attributes, two deltas, key, value and header count, one byte each. */
const SMALLEST_RECORD = 7
/** Of so many headers of a record the keys are kept for the next. */
const REPEATED_KEYS = 32

/** The batches in `bytes`, in order, without decoding their records. Throws `BatchError` or `MalformedError`. */
export function readBatches(bytes: Buffer, options: ReadOptions = {}): RecordBatch[] {
  const { checkCrc = true, partial = 'drop' } = options
  const batches: RecordBatch[] = []
  let at = 0
  while (bytes.length - at > BATCH_AT.magic) {
    const size = batchSize(bytes, at)
    const magic = bytes[at + BATCH_AT.magic] as number
    if (magic !== 2) throw unsupportedMagic(magic, readInt64(bytes, at))
    if (size < BATCH_AT.records)
      throw new BatchError('CORRUPT_MESSAGE', `Record batch of ${size} bytes, less than its header`)
    if (size > bytes.length - at) break
    batches.push(readHeader(bytes.subarray(at, at + size), checkCrc))
    at += size
  }
  if (partial === 'refuse' && at < bytes.length)
    throw new BatchError('CORRUPT_MESSAGE', `${bytes.length - at} bytes behind the last whole record batch`)
  return batches
}

function unsupportedMagic(magic: number, offset: number): BatchError {
  if (magic > 2)
    return new BatchError('CORRUPT_MESSAGE', `Record batch at offset ${offset} has unknown magic ${magic}`)
  return new BatchError(
    'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    `Records at offset ${offset} have message format ${magic}, older than Kafka 0.11: only format 2 can be read; rewrite the topic with a newer client`,
  )
}

function readHeader(batch: Buffer, checkCrc: boolean): RecordBatch {
  const baseOffset = readInt64(batch, BATCH_AT.baseOffset)
  if (checkCrc) {
    const stored = batch.readUInt32BE(BATCH_AT.crc)
    const computed = batchCrc(batch)
    if (stored !== computed)
      throw new BatchError(
        'CORRUPT_MESSAGE',
        `Record batch at offset ${baseOffset} is corrupt: CRC ${stored} stored, ${computed} computed`,
      )
  }
  const attributes = batch.readInt16BE(BATCH_AT.attributes)
  return {
    buffer: batch,
    baseOffset,
    lastOffset: baseOffset + batch.readInt32BE(BATCH_AT.lastOffsetDelta),
    leaderEpoch: batch.readInt32BE(BATCH_AT.leaderEpoch),
    compression: compressionOf(attributes & COMPRESSION_MASK),
    timestampType: attributes & LOG_APPEND_TIME ? 'LogAppendTime' : 'CreateTime',
    transactional: (attributes & TRANSACTIONAL) !== 0,
    control: (attributes & CONTROL) !== 0,
    baseTimestamp: readInt64(batch, BATCH_AT.baseTimestamp),
    maxTimestamp: readInt64(batch, BATCH_AT.maxTimestamp),
    producerId: readInt64(batch, BATCH_AT.producerId),
    producerEpoch: batch.readInt16BE(BATCH_AT.producerEpoch),
    baseSequence: batch.readInt32BE(BATCH_AT.baseSequence),
    count: batch.readInt32BE(BATCH_AT.count),
  }
}

/** The encoded records, decompressed; a big batch outside the thread. For `decodeRecords`. */
export function payloadOf(batch: RecordBatch, limit?: number): Promise<Buffer> | Buffer {
  const payload = batch.buffer.subarray(BATCH_AT.records)
  return batch.compression === 'none' || batch.count === 0
    ? payload
    : decompressAsync(batch.compression, payload, limit)
}
function payloadNow(batch: RecordBatch): Buffer {
  const payload = batch.buffer.subarray(BATCH_AT.records)
  return batch.compression === 'none' || batch.count === 0 ? payload : decompress(batch.compression, payload)
}

/** All records of a batch. `payload`: what `payloadOf` gave; absent, the batch is decompressed here and now. */
export function decodeRecords(batch: RecordBatch, payload: Buffer = payloadNow(batch)): DecodedRecord[] {
  const { count, baseOffset, baseTimestamp } = batch
  const appendTime = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : null
  if (count < 0 || count * SMALLEST_RECORD > payload.length)
    throw new MalformedError(`${count} records in ${payload.length} bytes of batch ${baseOffset}`)
  const records: DecodedRecord[] = []
  const cursor = new Cursor(payload)
  for (let i = 0; i < count; i++) {
    const length = cursor.varint()
    const start = cursor.position
    const end = start + length
    if (length < SMALLEST_RECORD - 1 || end > payload.length) throw badRecord(batch, i)
    cursor.position++ // attributes: none are defined
    const timestampDelta = cursor.varlong()
    const offsetDelta = cursor.varint()
    const key = cursor.bytes(end)
    const value = cursor.bytes(end)
    const headerCount = cursor.varint()
    const headers = headerCount === 0 ? NO_HEADERS : readHeaders(cursor, headerCount, end)
    if (cursor.position !== end) throw badRecord(batch, i)
    records.push({
      offset: baseOffset + offsetDelta,
      timestamp: appendTime ?? baseTimestamp + timestampDelta,
      key,
      value,
      headers,
    })
  }
  if (cursor.position !== payload.length)
    throw new MalformedError(
      `${payload.length - cursor.position} bytes behind the ${count} records of batch ${baseOffset}`,
    )
  return records
}

/** Where the record at `start` ends, for payloads that `decodeRecords` took. */
export function recordEnd(payload: Buffer, start: number): number {
  const cursor = new Cursor(payload, start)
  return cursor.varint() + cursor.position
}

function badRecord(batch: RecordBatch, index: number): MalformedError {
  return new MalformedError(`Record ${index} of batch ${batch.baseOffset} does not fill its length`)
}

function readHeaders(cursor: Cursor, count: number, end: number): DecodedHeader[] {
  // a header has two bytes at least
  if (count < 0 || count * 2 > end - cursor.position)
    throw new MalformedError(`${count} headers in ${end - cursor.position} bytes of a record`)
  const headers: DecodedHeader[] = []
  for (let i = 0; i < count; i++) headers.push({ key: cursor.headerKey(i, end), value: cursor.bytes(end) })
  return headers
}

/** Reading beyond the end gives zeros; `decodeRecords` notices, as the record then does not fill its length. */
class Cursor {
  readonly buffer: Buffer
  position: number
  /** The last key at each place: records of a batch mostly repeat them, and comparing is cheaper than decoding. */
  private readonly keys: { text: string; start: number; length: number }[] = []

  constructor(buffer: Buffer, position = 0) {
    this.buffer = buffer
    this.position = position
  }

  varint(): number {
    const buffer = this.buffer
    let at = this.position
    let byte = buffer[at++] as number
    let value = byte & 0x7f
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) {
      byte = buffer[at++] as number
      value |= (byte & 0x7f) << shift
    }
    this.position = at
    return (value >>> 1) ^ -(value & 1)
  }

  varlong(): number {
    const buffer = this.buffer
    let at = this.position
    let byte = buffer[at++] as number
    let low = byte & 0x7f
    for (let shift = 7; byte > 0x7f && shift < 28; shift += 7) {
      byte = buffer[at++] as number
      low |= (byte & 0x7f) << shift
    }
    if (byte <= 0x7f) {
      this.position = at
      return (low >>> 1) ^ -(low & 1)
    }
    let value = low
    for (let scale = 2 ** 28; byte > 0x7f && scale < 2 ** 70; scale *= 0x80) {
      byte = buffer[at++] as number
      value += (byte & 0x7f) * scale
    }
    this.position = at
    return low & 1 ? -(value + 1) / 2 : value / 2
  }

  bytes(end: number): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const start = this.pass(length, end)
    return this.buffer.subarray(start, start + length)
  }

  headerKey(index: number, end: number): string {
    const length = this.varint()
    if (length < 0) throw new MalformedError('Record header without a key')
    const start = this.pass(length, end)
    const before = this.keys[index]
    if (before?.length === length && this.isRepeated(before.start, start, length)) return before.text
    const text = this.buffer.toString('utf8', start, start + length)
    if (index < REPEATED_KEYS) this.keys[index] = { text, start, length }
    return text
  }
  private isRepeated(before: number, start: number, length: number): boolean {
    const buffer = this.buffer
    for (let i = 0; i < length; i++) if (buffer[before + i] !== buffer[start + i]) return false
    return true
  }
  private pass(length: number, end: number): number {
    const start = this.position
    if (length > end - start)
      throw new MalformedError(`Field of ${length} bytes in ${end - start} bytes of a record`)
    this.position = start + length
    return start
  }
}
