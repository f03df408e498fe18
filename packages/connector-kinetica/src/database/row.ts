import { setField, type Value } from '@isthmus/sdk'
import { AvroReader } from './avro-reader.ts'
import type { Column } from './column.ts'

export type Row = { readonly [column: string]: Value }

/**
 * Reads rows of a table. A long is a bigint, so that none loses a digit; a null in a nullable column is null; bytes are views. Throws a
 * `RangeError` for bytes that are no row of these columns, for instance because the table has been altered since.
 */
export function rowReader(columns: readonly Column[]): (bytes: Uint8Array) => Row {
  return (bytes) => {
    const reader = new AvroReader(bytes)
    const row: { [column: string]: Value } = {}
    for (const column of columns) setField(row, column.name, readValue(reader, column))
    if (!reader.done) throw new RangeError(`bytes are left behind the ${columns.length} columns of the row`)
    return row
  }
}

function readValue(reader: AvroReader, { type, nullable, name }: Column): Value {
  if (nullable) {
    const branch = reader.int()
    if (branch === 1) return null
    if (branch !== 0) throw new RangeError(`branch ${branch} of two in column ${name}`)
  }
  const value = reader[type]()
  // a column that has become a long since writes larger ones
  if (type === 'int' && value !== ((value as number) | 0))
    throw new RangeError(`${value} is no int of 32 bits in column ${name}`)
  return value
}
