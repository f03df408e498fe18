import {
  ConnectError,
  NO_HEADERS,
  type Schema,
  type SourceOffset,
  type SourceRecord,
  schema,
} from '@isthmus/sdk'
import type { SourceTable } from '../config/source.ts'
import type { BaseType, Column } from '../database/column.ts'
import type { Database } from '../database/database.ts'
import { reasonOf } from '../database/failure.ts'
import { type Row, rowReader } from '../database/row.ts'
import { findTable, readTable } from '../database/tables.ts'

const KEY: Schema = Object.freeze(schema.int64())

const types: { readonly [T in BaseType]: (optional: boolean) => Schema } = {
  int: (optional) => schema.int32({ optional }),
  long: (optional) => schema.int64({ optional }),
  float: (optional) => schema.float32({ optional }),
  double: (optional) => schema.float64({ optional }),
  string: (optional) => schema.string({ optional }),
  bytes: (optional) => schema.bytes({ optional }),
}

/** Makes records of a table's rows, as long as the table has the same columns. */
export interface TableRecords {
  readonly columns: readonly Column[]
  /** Throws a `RangeError` for bytes that are no row of these columns. */
  read(bytes: Uint8Array): Row
  record(row: Row, number: number, offset: SourceOffset): SourceRecord
}

/** Structs have the types of the columns, whatever the columns mean: a timestamp is an int64, as consumers of this connector know it. */
export function tableRecords(table: SourceTable, topic: string, columns: readonly Column[]): TableRecords {
  const valueSchema = schema.struct(
    columns.map(({ name, type, nullable }) => ({ name, schema: types[type](nullable) })),
    { name: table.name, version: table.version },
  )
  const sourcePartition = Object.freeze({ table: table.name })
  return {
    columns,
    read: rowReader(columns),
    record: (row, number, sourceOffset) => ({
      topic,
      kafkaPartition: null,
      keySchema: KEY,
      key: BigInt(number),
      valueSchema,
      value: row,
      timestamp: null,
      headers: NO_HEADERS,
      sourcePartition,
      sourceOffset,
    }),
  }
}

/** Whether rows of the columns are read alike. */
export const sameColumns = (some: readonly Column[], others: readonly Column[]): boolean =>
  some.length === others.length &&
  some.every(({ name, type, nullable }, index) => {
    const other = others[index]
    return name === other?.name && type === other.type && nullable === other.nullable
  })

/** The columns of a table that is to be read; throws where there is none of this name. */
export async function columnsToRead(database: Database, name: string): Promise<readonly Column[]> {
  try {
    return (await readTable(database, name)).columns
  } catch (error) {
    if (reasonOf(error) !== 'refused' || (await findTable(database, name)) !== null) throw error
  }
  throw new ConnectError(
    'connect',
    `Table ${name} does not exist at ${database.url.origin}: create it, or correct kinetica.table_names, and restart the task`,
  )
}
