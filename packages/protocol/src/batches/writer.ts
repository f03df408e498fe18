import { writeInt64 } from '../codec/bytes.ts'
import { type Compression, compress, compressionIds } from '../compression/compression.ts'
import {
  BATCH_AT,
  BATCH_LENGTH_ENDS,
  COMPRESSION_MASK,
  type RecordBytes,
  type RecordHeader,
  sealBatch,
  TRANSACTIONAL,
} from './layout.ts'

export interface BatchProducer {
  /** -1, -1, -1 without idempotence. */
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly transactional: boolean
}
export interface BatchOptions extends Partial<BatchProducer> {
  readonly compression?: Compression
  /** In the codec's own scale (`compression.gzip.level`, …); absent: the codec's default. */
  readonly compressionLevel?: number | undefined
}

const FIRST_SIZE = 2048
/** Below this a call into the string writer costs more than a loop. */
const SHORT = 16

/**
 * Collects the records of one batch, encoded as they come. `finish` ends it; `restart` begins the next one, in the same
 * memory when that is free again.
 */
export class BatchWriter {
  readonly limit: number
  private buffer: Buffer
  private position: number = BATCH_AT.records
  private records = 0
  private firstTimestamp = 0
  private lastTimestamp = 0

  /** `limit`: bytes of a batch before compression. `buffer`: memory that is no longer used, to write in. */
  constructor(limit: number, buffer: Buffer = Buffer.allocUnsafeSlow(Math.min(limit, FIRST_SIZE))) {
    this.limit = limit
    this.buffer = buffer.length >= BATCH_AT.records ? buffer : Buffer.allocUnsafeSlow(FIRST_SIZE)
  }

  get count(): number {
    return this.records
  }
  /** Bytes so far, header included, before compression. */
  get size(): number {
    return this.position
  }
  get maxTimestamp(): number {
    return this.lastTimestamp
  }

  /** False: it does not fit any more, and nothing was taken. The first record is always taken. */
  append(
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[] | null,
  ): boolean {
    const count = this.records
    const delta = count === 0 ? 0 : timestamp - this.firstTimestamp
    const keySize = key === null ? -1 : typeof key === 'string' ? textSize(key) : key.length
    const valueSize = value === null ? -1 : typeof value === 'string' ? textSize(value) : value.length
    const headerCount = headers === null ? 0 : headers.length
    const headerSize = headerCount === 0 || headers === null ? 1 : headersSize(headers)
    if (keySize === BROKEN || valueSize === BROKEN || headerSize === BROKEN)
      return this.append(timestamp, whole(key), whole(value), headers?.map(wholeHeader) ?? null)
    const size =
      1 + varlongSize(delta) + varintSize(count) + partSize(keySize) + partSize(valueSize) + headerSize

    const end = this.position + varintSize(size) + size
    if (count > 0 && end > this.limit) return false
    if (end > this.buffer.length) this.grow(end)

    const buffer = this.buffer
    let at = writeVarint(buffer, this.position, size)
    buffer[at++] = 0 // attributes: none are defined
    at = writeVarlong(buffer, at, delta)
    at = writeVarint(buffer, at, count)
    at = writeVarint(buffer, at, keySize)
    if (keySize > 0) at = writeBytes(buffer, at, key as Uint8Array | string, keySize)
    at = writeVarint(buffer, at, valueSize)
    if (valueSize > 0) at = writeBytes(buffer, at, value as Uint8Array | string, valueSize)
    if (headerCount === 0 || headers === null) buffer[at++] = 0
    else at = writeHeaders(buffer, at, headers)

    this.position = at
    this.records = count + 1
    if (count === 0) {
      this.firstTimestamp = timestamp
      this.lastTimestamp = timestamp
    } else if (timestamp > this.lastTimestamp) this.lastTimestamp = timestamp
    return true
  }

  /** The complete batch, with base offset 0: a view of the writer's memory, or memory of its own when compressed. */
  finish(options: BatchOptions = {}): Buffer {
    const { compression = 'none', compressionLevel } = options
    if (compression === 'none') return this.header(this.buffer.subarray(0, this.position), options)
    return this.around(compress(compression, this.payload(), compressionLevel), options)
  }

  /** Begins an empty batch, in `buffer` when given, else in the same memory: only when nobody holds `finish`'s view any more. */
  restart(buffer: Buffer = this.buffer): void {
    this.buffer = buffer.length >= BATCH_AT.records ? buffer : this.buffer
    this.position = BATCH_AT.records
    this.records = 0
  }

  private payload(): Buffer {
    return this.buffer.subarray(BATCH_AT.records, this.position)
  }
  private around(payload: Buffer, options: BatchOptions): Buffer {
    const batch = Buffer.allocUnsafeSlow(BATCH_AT.records + payload.length)
    payload.copy(batch, BATCH_AT.records)
    return this.header(batch, options)
  }
  private header(batch: Buffer, options: BatchOptions): Buffer {
    const { compression = 'none', transactional = false } = options
    writeInt64(batch, 0, BATCH_AT.baseOffset)
    batch.writeInt32BE(batch.length - BATCH_LENGTH_ENDS, BATCH_AT.batchLength)
    batch.writeInt32BE(-1, BATCH_AT.leaderEpoch)
    batch[BATCH_AT.magic] = 2
    batch.writeInt16BE(
      (compressionIds[compression] & COMPRESSION_MASK) | (transactional ? TRANSACTIONAL : 0),
      BATCH_AT.attributes,
    )
    batch.writeInt32BE(this.records - 1, BATCH_AT.lastOffsetDelta)
    writeInt64(batch, this.firstTimestamp, BATCH_AT.baseTimestamp)
    writeInt64(batch, this.lastTimestamp, BATCH_AT.maxTimestamp)
    writeInt64(batch, options.producerId ?? -1, BATCH_AT.producerId)
    batch.writeInt16BE(options.producerEpoch ?? -1, BATCH_AT.producerEpoch)
    batch.writeInt32BE(options.baseSequence ?? -1, BATCH_AT.baseSequence)
    batch.writeInt32BE(this.records, BATCH_AT.count)
    sealBatch(batch)
    return batch
  }
  private grow(needed: number): void {
    // four-fold, so that a batch is copied a few times at most; not beyond the limit but for one great record
    const wanted = Math.max(needed, Math.min(this.limit, this.buffer.length * 4))
    const grown = Buffer.allocUnsafeSlow(wanted)
    this.buffer.copy(grown, BATCH_AT.records, BATCH_AT.records, this.position)
    this.buffer = grown
  }
}

function utf8Size(text: string): number {
  const length = text.length
  if (length > SHORT) return Buffer.byteLength(text)
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text)
  return length
}

function partSize(size: number): number {
  return size <= 0 ? 1 : varintSize(size) + size
}
/** With their number; BROKEN where one holds half a character. */
function headersSize(headers: readonly RecordHeader[]): number {
  let size = varintSize(headers.length)
  for (let i = 0; i < headers.length; i++) {
    const { key, value } = headers[i] as RecordHeader
    const keySize = textSize(key)
    const valueSize = value === null ? -1 : typeof value === 'string' ? textSize(value) : value.length
    if (keySize === BROKEN || valueSize === BROKEN) return BROKEN
    size += partSize(keySize) + partSize(valueSize)
  }
  return size
}
const wholeHeader = ({ key, value }: RecordHeader): RecordHeader => ({
  key: wholeCharacters(key),
  value: whole(value),
})
function writeHeaders(buffer: Buffer, start: number, headers: readonly RecordHeader[]): number {
  let at = writeVarint(buffer, start, headers.length)
  for (let i = 0; i < headers.length; i++) {
    const { key, value } = headers[i] as RecordHeader
    at = writePart(buffer, at, key)
    at = writePart(buffer, at, value)
  }
  return at
}
function writePart(buffer: Buffer, start: number, value: RecordBytes): number {
  const size = value === null ? -1 : typeof value === 'string' ? utf8Size(value) : value.length
  const at = writeVarint(buffer, start, size)
  return size > 0 ? writeBytes(buffer, at, value as Uint8Array | string, size) : at
}

/** Java writes half a character as a question mark, where the engine writes U+FFFD. */
export const wholeCharacters = (text: string): string =>
  text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?')
const whole = (bytes: RecordBytes): RecordBytes =>
  typeof bytes === 'string' ? wholeCharacters(bytes) : bytes
/** Stands for the size of text that holds half a character. */
const BROKEN = -2
/** In UTF-8. Text in ASCII, nearly all there is, is not looked at again. */
function textSize(text: string): number {
  const size = utf8Size(text)
  return size === text.length || text.isWellFormed() ? size : BROKEN
}

/** Undocumented but as old as Buffer itself; `write` with an encoding costs half as much again. */
interface StringWriter {
  latin1Write(text: string, at: number, size: number): number
  utf8Write(text: string, at: number, size: number): number
}

function writeBytes(buffer: Buffer, at: number, value: Uint8Array | string, size: number): number {
  if (typeof value !== 'string') {
    if (size > SHORT) buffer.set(value, at)
    else for (let i = 0; i < size; i++) buffer[at + i] = value[i] as number
  } else if (value.length !== size) (buffer as Buffer & StringWriter).utf8Write(value, at, size)
  else if (size > SHORT) (buffer as Buffer & StringWriter).latin1Write(value, at, size)
  else for (let i = 0; i < size; i++) buffer[at + i] = value.charCodeAt(i)
  return at + size
}

/** Of a number that fits 32 bits, in zigzag. */
function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
  return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x200000 ? 3 : zigzag < 0x10000000 ? 4 : 5
}
function writeVarint(buffer: Buffer, start: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  let at = start
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}
function varlongSize(value: number): number {
  if (value === value >> 0) return varintSize(value)
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  let size = 1
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) size++
  return size
}
function writeVarlong(buffer: Buffer, start: number, value: number): number {
  if (value === value >> 0) return writeVarint(buffer, start, value)
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  let at = start
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) buffer[at++] = (rest % 0x80) | 0x80
  buffer[at++] = rest
  return at
}
