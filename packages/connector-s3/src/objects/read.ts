import { ConnectError, type Header, type Headers, NO_HEADERS, type SchemaAndValue } from '@isthmus/sdk'

/** A record of an object, as it was in its topic. Key and value are views of the bytes that were fed. */
export interface StoredRecord {
  readonly offset: number
  /** Epoch milliseconds; null where the record had none. */
  readonly timestamp: number | null
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
}

/** Decodes an object of format 0 from its bytes as they arrive. */
export interface RecordReader {
  /** The next bytes of the object, in pieces of any size. They are kept, not copied: whoever gave them must not change them. */
  feed(bytes: Uint8Array): void
  /** The next whole record; null when the bytes so far do not hold one. Throws at what cannot be a record. */
  next(): StoredRecord | null
  /** The first byte behind the last record. */
  readonly position: number
}

export interface ObjectToRead {
  readonly key: string
  /** Bytes of the whole object. A length that goes beyond them is refused at once, so that none is ever waited or allocated for. */
  readonly size: number
}

/** What a header's value stands for; the bytes may be kept. */
export type ReadHeader = (value: Uint8Array | null) => SchemaAndValue

const VERSION = 0
const VERSION_LENGTH = 4
/** Offset, timestamp, the lengths of key and value, the number of headers. */
const FIXED_LENGTH = 28
const TIMESTAMP_AT = 8
const KEY_LENGTH_AT = 16
const VALUE_LENGTH_AT = 20
const HEADER_COUNT_AT = 24
/** A header has two lengths at least. */
const HEADER_LENGTH_MIN = 8
const NOTHING = Buffer.alloc(0)
const HIGH_WORD = 2 ** 32

/** Beyond so many bytes of a record it is put together from twice as many each time, so that its headers do not have it copied again and again. */
const LONG_BYTES = 64 * 1024

/**
 * Bytes are looked at where they are: a record within one piece is a view of it, and one that lies across several is put together from as
 * much of them as it needs, once that is there. Memory is that of the pieces, and of one record.
 */
export function openRecordReader(
  { key: objectKey, size }: ObjectToRead,
  readHeader: ReadHeader,
): RecordReader {
  let bytes: Buffer = NOTHING
  /** Where in `bytes` the next record begins, and where in the object. */
  let at = 0
  let position = 0
  let lastOffset: number | null = null
  /** Pieces behind `bytes`, left alone until there are as many bytes as the record is known to need. */
  const parked: Buffer[] = []
  let parkedLength = 0
  let needed = 0
  /** Where the record that is read ends, counted from where it begins. */
  let recordEnd = 0

  const corrupt = (byte: number, what: string) =>
    new ConnectError(
      'connect',
      `Object ${objectKey} cannot be read on from byte ${byte} of ${size}: ${what}. ${
        lastOffset === null
          ? 'No record of it could be read'
          : `The last record that is whole has offset ${lastOffset}`
      }. The object is truncated or damaged: put a whole copy in its place, or take it away and restore without it`,
    )

  /** Null: not that many bytes of the record in one place yet. */
  const wait = (length: number): null => {
    needed = length
    return null
  }
  const waitForHeader = (length: number): null => {
    const there = bytes.length - at
    return wait(there < LONG_BYTES ? length : Math.max(length, Math.min(2 * there, size - position)))
  }

  /** Takes bytes of what is parked until there are as many as are needed. */
  const join = (): void => {
    const joined = Buffer.allocUnsafe(needed)
    let length = bytes.copy(joined, 0, at)
    parkedLength -= needed - length
    while (length < needed) {
      const piece = parked[0] as Buffer
      const copied = piece.copy(joined, length)
      length += copied
      if (copied === piece.length) parked.shift()
      else parked[0] = piece.subarray(copied)
    }
    bytes = joined
    at = 0
  }

  const int64 = (from: number): number => bytes.readInt32BE(from) * HIGH_WORD + bytes.readUInt32BE(from + 4)

  /** A length of the file at `from`, of which the object has `left` bytes at most. */
  const lengthAt = (from: number, name: string, left: number): number => {
    const length = bytes.readInt32BE(from)
    if (length < -1 || length > left)
      throw corrupt(
        position + from - at,
        `${name} would have a length of ${length}, where ${left} bytes are left`,
      )
    return length
  }

  const readVersion = (): boolean => {
    if (size < VERSION_LENGTH) throw corrupt(0, 'it is too short for the version of its format')
    if (bytes.length - at < VERSION_LENGTH) return wait(VERSION_LENGTH) !== null
    const version = bytes.readInt32BE(at)
    if (version !== VERSION)
      throw corrupt(0, `its format has version ${version}, where only ${VERSION} is known`)
    at += VERSION_LENGTH
    position = VERSION_LENGTH
    return true
  }

  const readRecord = (): StoredRecord | null => {
    const left = size - position
    if (left === 0) return null
    if (left < FIXED_LENGTH)
      throw corrupt(position, `${left} bytes are left, and a record has ${FIXED_LENGTH} at least`)
    const available = bytes.length - at
    if (available < FIXED_LENGTH) return wait(FIXED_LENGTH)

    const offset = int64(at)
    const timestamp = int64(at + TIMESTAMP_AT)
    if (offset < 0 || !Number.isSafeInteger(offset))
      throw corrupt(position, `the record would have offset ${offset}`)
    if (timestamp < -1 || !Number.isSafeInteger(timestamp))
      throw corrupt(position + TIMESTAMP_AT, `the record would have timestamp ${timestamp}`)
    let end = FIXED_LENGTH
    const keyLength = lengthAt(at + KEY_LENGTH_AT, 'the key', left - end)
    if (keyLength > 0) end += keyLength
    const valueLength = lengthAt(at + VALUE_LENGTH_AT, 'the value', left - end)
    if (valueLength > 0) end += valueLength
    const headerCount = bytes.readInt32BE(at + HEADER_COUNT_AT)
    if (headerCount < 0 || headerCount > (left - end) / HEADER_LENGTH_MIN)
      throw corrupt(
        position + HEADER_COUNT_AT,
        `the record would have ${headerCount} headers, where ${left - end} bytes are left`,
      )
    if (available < end + headerCount * HEADER_LENGTH_MIN) return wait(end + headerCount * HEADER_LENGTH_MIN)

    const keyAt = at + FIXED_LENGTH
    const valueAt = keyAt + Math.max(0, keyLength)
    recordEnd = end
    const headers = headerCount === 0 ? NO_HEADERS : readHeaders(end, headerCount, left)
    if (headers === null) return null
    const record: StoredRecord = {
      offset,
      timestamp: timestamp === -1 ? null : timestamp,
      key: keyLength < 0 ? null : bytes.subarray(keyAt, keyAt + keyLength),
      value: valueLength < 0 ? null : bytes.subarray(valueAt, valueAt + valueLength),
      headers,
    }
    at += recordEnd
    position += recordEnd
    lastOffset = offset
    return record
  }

  /** The headers from `start` on, all counted from where the record begins; null: not enough bytes yet. */
  const readHeaders = (start: number, count: number, left: number): Headers | null => {
    const headers: Header[] = []
    let from = start
    for (let index = 0; index < count; index++) {
      const rest = (count - index) * HEADER_LENGTH_MIN
      if (bytes.length - at < from + rest) return waitForHeader(from + rest)
      const nameLength = lengthAt(at + from, `the name of header ${index + 1}`, left - from - rest)
      if (nameLength < 0) throw corrupt(position + from, `header ${index + 1} has no name`)
      const nameAt = from + 4
      const valueAt = nameAt + nameLength + 4
      if (bytes.length - at < valueAt) return waitForHeader(valueAt)
      const valueLength = lengthAt(
        at + valueAt - 4,
        `the value of header ${index + 1}`,
        left - valueAt - rest + HEADER_LENGTH_MIN,
      )
      const end = valueAt + Math.max(0, valueLength)
      if (bytes.length - at < end) return waitForHeader(end)
      headers.push({
        key: bytes.toString('utf8', at + nameAt, at + nameAt + nameLength),
        ...readHeader(valueLength < 0 ? null : bytes.subarray(at + valueAt, at + end)),
      })
      from = end
    }
    recordEnd = from
    return headers
  }

  return {
    feed(chunk) {
      if (chunk.byteLength === 0) return
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      if (at === bytes.length && parkedLength === 0) {
        bytes = piece
        at = 0
        return
      }
      parked.push(piece)
      parkedLength += piece.length
    },
    next() {
      for (;;) {
        if (bytes.length - at + parkedLength < needed) return null
        if (at === bytes.length && parkedLength > 0) {
          bytes = parked.shift() as Buffer
          parkedLength -= bytes.length
          at = 0
        }
        if (bytes.length - at < needed) join()
        needed = 0
        const record = position > 0 || readVersion() ? readRecord() : null
        if (record !== null || needed === 0) return record
      }
    },
    get position() {
      return position
    },
  }
}
