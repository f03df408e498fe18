import { Refusal } from '../refusal.ts'
import type { Column } from './column.ts'
import type { Value } from './value.ts'

/** The values of a row, in the order of the columns. */
export type Row = readonly Value[]

/**
 * A row from its Avro binary form; throws a Refusal unless the bytes are exactly one row of these columns. Written by hand, so that
 * each fault of an encoder is named with its column.
 */
export function readRow(columns: readonly Column[], bytes: Uint8Array): Value[] {
  const reader: Reader = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 }
  const row = columns.map((column) => {
    try {
      return readValue(reader, column)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw new Refusal(`Column '${column.name}': ${error.message}`)
    }
  })
  if (reader.at !== bytes.length) {
    throw new Refusal(`Record has ${bytes.length} bytes, of which its type takes ${reader.at}`)
  }
  return row
}

interface Reader {
  readonly bytes: Buffer
  at: number
}

function readValue(reader: Reader, column: Column): Value {
  if (column.nullable) {
    const branch = readLong(reader)
    if (branch === 1n) return null
    if (branch !== 0n) throw new Refusal(`branch ${branch} of a union of two`)
  }
  switch (column.base) {
    case 'int':
      return readInt(reader)
    case 'long':
      return readLong(reader)
    case 'float':
      return take(reader, 4).readFloatLE(0)
    case 'double':
      return take(reader, 8).readDoubleLE(0)
    case 'string':
      return readText(reader)
    case 'bytes':
      return Uint8Array.from(take(reader, readLength(reader)))
  }
}

function take(reader: Reader, length: number): Buffer {
  const start = reader.at
  if (length > reader.bytes.length - start) throw new Refusal('record ends within the value')
  reader.at = start + length
  return reader.bytes.subarray(start, start + length)
}

function readLong(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = take(reader, 1).readUInt8(0)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) {
      if (value >= 2n ** 64n) throw new Refusal('long of more than 64 bits')
      return (value >> 1n) ^ -(value & 1n)
    }
  }
  throw new Refusal('long of more than ten bytes')
}

function readInt(reader: Reader): number {
  const value = readLong(reader)
  if (BigInt.asIntN(32, value) !== value) throw new Refusal(`${value} is no int`)
  return Number(value)
}

function readLength(reader: Reader): number {
  const length = readLong(reader)
  if (length < 0n) throw new Refusal(`length ${length}`)
  return Number(length)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(reader: Reader): string {
  const bytes = take(reader, readLength(reader))
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Refusal('string is not UTF-8')
  }
}

/** The Avro binary form of a row. */
export function writeRow(columns: readonly Column[], row: Row): Buffer {
  return Buffer.concat(columns.flatMap((column, index) => writeValue(column, row[index] ?? null)))
}

function writeValue(column: Column, value: Value): Uint8Array[] {
  if (value === null) return [writeLong(1n)]
  const bytes = writePresent(column, value)
  return column.nullable ? [writeLong(0n), ...bytes] : bytes
}

function writePresent(column: Column, value: NonNullable<Value>): Uint8Array[] {
  switch (column.base) {
    case 'int':
    case 'long':
      return [writeLong(BigInt(value as number | bigint))]
    case 'float': {
      const bytes = Buffer.alloc(4)
      bytes.writeFloatLE(value as number)
      return [bytes]
    }
    case 'double': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(value as number)
      return [bytes]
    }
    case 'string': {
      const bytes = Buffer.from(value as string)
      return [writeLong(BigInt(bytes.length)), bytes]
    }
    case 'bytes':
      return [writeLong(BigInt((value as Uint8Array).length)), value as Uint8Array]
  }
}

function writeLong(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
