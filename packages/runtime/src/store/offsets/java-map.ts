import { ConnectError } from '@isthmus/sdk'

/**
 * Java's serialised form of a `HashMap<byte[], byte[]>`: the file in which standalone workers keep source offsets. Written
 * byte for byte as Java writes it; read whatever Java wrote: any capacity, order, and references to earlier arrays.
 */
export type BytesMap = readonly (readonly [Uint8Array, Uint8Array | null])[]

const HEADER = Buffer.from(
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c6478703f400000',
  'hex',
)
const ARRAY_CLASS = Buffer.from('7200025b42acf317f8060854e0020000', 'hex')
const TC_NULL = 0x70
const TC_REFERENCE = 0x71
const TC_OBJECT_END = 0x78
const TC_ARRAY = 0x75
const TC_BLOCKDATA = 0x77
const FIRST_HANDLE = 0x7e0000
// handles 0 and 1 are the class and the map; the array class comes next, then one for each array
const ARRAY_CLASS_HANDLE = FIRST_HANDLE + 2

export function encodeBytesMap(entries: BytesMap): Buffer {
  let capacity = 16
  while (capacity * 0.75 < entries.length) capacity *= 2
  const parts: Uint8Array[] = [
    HEADER,
    int32(entries.length === 0 ? 0 : capacity * 0.75),
    Buffer.of(TC_BLOCKDATA, 8),
    int32(entries.length === 0 ? 16 : capacity),
    int32(entries.length),
  ]
  let classKnown = false
  for (const bytes of entries.flat()) {
    if (bytes === null) {
      parts.push(Buffer.of(TC_NULL))
      continue
    }
    parts.push(Buffer.of(TC_ARRAY))
    parts.push(
      classKnown
        ? Buffer.concat([Buffer.of(TC_REFERENCE), int32(ARRAY_CLASS_HANDLE)])
        : Buffer.concat([ARRAY_CLASS, Buffer.of(TC_OBJECT_END, TC_NULL)]),
    )
    classKnown = true
    parts.push(int32(bytes.length), bytes)
  }
  parts.push(Buffer.of(TC_OBJECT_END))
  return Buffer.concat(parts)
}

export function decodeBytesMap(bytes: Buffer): BytesMap {
  if (bytes.length < HEADER.length || !bytes.subarray(0, HEADER.length).equals(HEADER))
    throw corrupt('it does not start as a Java HashMap')
  const cursor = { bytes, at: HEADER.length }
  readInt(cursor)
  if (readByte(cursor) !== TC_BLOCKDATA || readByte(cursor) !== 8)
    throw corrupt('the size of the map is missing')
  readInt(cursor)
  const size = readInt(cursor)
  const handles: (Uint8Array | null)[] = []
  const entries: [Uint8Array, Uint8Array | null][] = []
  for (let i = 0; i < size; i++) {
    const key = readArray(cursor, handles)
    const value = readArray(cursor, handles)
    if (key !== null) entries.push([key, value])
  }
  if (readByte(cursor) !== TC_OBJECT_END) throw corrupt('the end of the map is missing')
  return entries
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

function readArray(cursor: Cursor, handles: (Uint8Array | null)[]): Uint8Array | null {
  const tag = readByte(cursor)
  if (tag === TC_NULL) return null
  if (tag === TC_REFERENCE) {
    const array = handles[readInt(cursor) - FIRST_HANDLE]
    if (!array) throw corrupt('it refers to something that is not an array of bytes')
    return array
  }
  if (tag !== TC_ARRAY) throw corrupt('it holds something else than arrays of bytes')
  readArrayClass(cursor, handles)
  const length = readInt(cursor)
  const from = cursor.at
  cursor.at += length
  if (length < 0 || cursor.at > cursor.bytes.length) throw corrupt('it ends early')
  const array = cursor.bytes.subarray(from, cursor.at)
  handles.push(array)
  return array
}

function readArrayClass(cursor: Cursor, handles: (Uint8Array | null)[]): void {
  if (cursor.bytes[cursor.at] === TC_REFERENCE) {
    cursor.at++
    if (readInt(cursor) !== ARRAY_CLASS_HANDLE) throw corrupt('it holds arrays of something else than bytes')
    return
  }
  const end = cursor.at + ARRAY_CLASS.length
  if (!cursor.bytes.subarray(cursor.at, end).equals(ARRAY_CLASS))
    throw corrupt('it holds arrays of something else than bytes')
  cursor.at = end
  if (readByte(cursor) !== TC_OBJECT_END || readByte(cursor) !== TC_NULL)
    throw corrupt('a class description is damaged')
  handles.push(null, null, null)
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at++]
  if (byte === undefined) throw corrupt('it ends early')
  return byte
}
function readInt(cursor: Cursor): number {
  if (cursor.at + 4 > cursor.bytes.length) throw corrupt('it ends early')
  cursor.at += 4
  return cursor.bytes.readInt32BE(cursor.at - 4)
}
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
const corrupt = (why: string) =>
  new ConnectError('data', `not a map of offsets as Java serialises it: ${why}`)
