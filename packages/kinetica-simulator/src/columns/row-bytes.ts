import { isUtf8 } from 'node:buffer'
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
    const branch = readNumber(reader)
    if (branch === 1) return null
    if (branch !== 0) throw new Refusal(`branch ${branch} of a union of two`)
  }
  switch (column.base) {
    case 'int':
      return readInt(reader)
    case 'long':
      return readLong(reader)
    case 'float':
      return reader.bytes.readFloatLE(take(reader, 4))
    case 'double':
      return reader.bytes.readDoubleLE(take(reader, 8))
    case 'string':
      return readText(reader)
    case 'bytes': {
      const start = take(reader, readNumber(reader))
      return Uint8Array.from(reader.bytes.subarray(start, reader.at))
    }
  }
}

/** Goes past bytes; answers where they begin. */
function take(reader: Reader, length: number): number {
  const start = reader.at
  if (length < 0) throw new Refusal(`length ${length}`)
  if (length > reader.bytes.length - start) throw new Refusal('record ends within the value')
  reader.at = start + length
  return start
}

const takeByte = (reader: Reader): number => reader.bytes[take(reader, 1)] ?? 0

/** Bytes of a long whose bits a double holds exactly. */
const EXACT_BYTES = 7

/** A long: as a number where it has few bytes, which is quicker, and as a bigint where it has more. */
function readEither(reader: Reader): number | bigint {
  let value = 0
  let factor = 1
  for (let count = 0; count < EXACT_BYTES; count++) {
    const byte = takeByte(reader)
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    factor *= 128
  }
  return readRest(reader, BigInt(value))
}

function readRest(reader: Reader, first: bigint): bigint {
  let value = first
  for (let shift = 49n; shift < 70n; shift += 7n) {
    const byte = takeByte(reader)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) {
      if (value >= 2n ** 64n) throw new Refusal('long of more than 64 bits')
      return (value >> 1n) ^ -(value & 1n)
    }
  }
  throw new Refusal('long of more than ten bytes')
}

const readLong = (reader: Reader): bigint => BigInt(readEither(reader))

const readNumber = (reader: Reader): number => Number(readEither(reader))

function readInt(reader: Reader): number {
  const value = readNumber(reader)
  if ((value | 0) !== value) throw new Refusal(`${value} is no int`)
  return value
}

function readText(reader: Reader): string {
  const start = take(reader, readNumber(reader))
  const text = reader.bytes.toString('utf8', start, reader.at)
  // bytes that are no UTF-8 become this character, which may also have been meant
  if (text.includes('\ufffd') && !isUtf8(reader.bytes.subarray(start, reader.at))) {
    throw new Refusal('string is not UTF-8')
  }
  return text
}

interface Writer {
  bytes: Buffer
  at: number
}

/** All rows are written into the same bytes, one after the other, and copied from there. */
const writer: Writer = { bytes: Buffer.alloc(64 * 1024), at: 0 }

/** The Avro binary form of a row. */
export function writeRow(columns: readonly Column[], row: Row): Buffer {
  writer.at = 0
  columns.forEach((column, index) => {
    const value = row[index] ?? null
    if (column.nullable) writeLong(value === null ? 1 : 0)
    if (value !== null) writePresent(column, value)
  })
  return Buffer.from(writer.bytes.subarray(0, writer.at))
}

function writePresent(column: Column, value: NonNullable<Value>): void {
  switch (column.base) {
    case 'int':
    case 'long':
      writeLong(value as number | bigint)
      break
    case 'float':
      reserve(4)
      writer.at = writer.bytes.writeFloatLE(value as number, writer.at)
      break
    case 'double':
      reserve(8)
      writer.at = writer.bytes.writeDoubleLE(value as number, writer.at)
      break
    case 'string': {
      const length = Buffer.byteLength(value as string)
      writeLong(length)
      reserve(length)
      writer.at += writer.bytes.write(value as string, writer.at)
      break
    }
    case 'bytes':
      writeLong((value as Uint8Array).length)
      reserve((value as Uint8Array).length)
      writer.bytes.set(value as Uint8Array, writer.at)
      writer.at += (value as Uint8Array).length
  }
}

function reserve(length: number): void {
  if (writer.at + length <= writer.bytes.length) return
  const bytes = Buffer.alloc((writer.at + length) * 2)
  bytes.set(writer.bytes.subarray(0, writer.at))
  writer.bytes = bytes
}

/** Bytes that a long has at most. */
const LONG_BYTES = 10

function writeLong(value: number | bigint): void {
  reserve(LONG_BYTES)
  let rest = Number(value)
  if (Number.isSafeInteger(rest * 2)) {
    rest = rest < 0 ? -2 * rest - 1 : 2 * rest
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) writeByte((rest % 128) + 128)
    writeByte(rest)
    return
  }
  const long = BigInt(value)
  let bits = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n))
  for (; bits >= 0x80n; bits >>= 7n) writeByte(Number(bits & 0x7fn) + 128)
  writeByte(Number(bits))
}

const writeByte = (byte: number): void => {
  writer.bytes[writer.at++] = byte
}
