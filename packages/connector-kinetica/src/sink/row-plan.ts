import { type ConnectError, codeOf, dataError, fieldOf, type StructSchema, type Value } from '@isthmus/sdk'
import { atField } from '@isthmus/sdk/data'
import type { AvroWriter } from '../database/avro-writer.ts'
import type { Column } from '../database/column.ts'
import { valueWriter } from './value-writer.ts'

export type Fields = { readonly [name: string]: Value }

/** How values of one schema become rows of one table: worked out once, for all records of the schema. */
export interface RowPlan {
  /** Writes the columns of a row, in their order. Throws a `data` error, with a part of the row written, for fields that do not fit. */
  write(writer: AvroWriter, fields: Fields): void
}

/** Columns that no field of a schema fills and that take no null: no row can be made. */
export const missingColumns = (columns: readonly Column[], schema: StructSchema): readonly Column[] => {
  const fields = new Set(schema.fields.map(({ name }) => name))
  return columns.filter(({ name, nullable }) => !nullable && !fields.has(name))
}

/** Names without a column: they are left out of rows. */
export const fieldsWithoutColumn = (
  columns: readonly Column[],
  names: readonly string[],
): readonly string[] => {
  const known = new Set(columns.map(({ name }) => name))
  return names.filter((name) => !known.has(name))
}

/** `schema` is null for records without one: their fields are what each of them has. */
export function planRow(columns: readonly Column[], schema: StructSchema | null): RowPlan {
  const fields = new Map(schema?.fields.map((field) => [field.name, field.schema]))
  const steps = columns.map((column) => ({
    name: column.name,
    write: valueWriter(column, fields.get(column.name) ?? null),
  }))
  return {
    write(writer, given) {
      let at = ''
      try {
        for (const { name, write } of steps) {
          at = name
          write(writer, fieldOf(given, name))
        }
      } catch (error) {
        if (codeOf(error) !== 'data') throw error
        throw atField(dataError(`field ${at} is ${(error as ConnectError).message}`, { cause: error }), at)
      }
    },
  }
}

/** A plan for records of which no row can be made, each for the same reason. */
export const refusingPlan = (reason: string): RowPlan => ({
  write() {
    throw dataError(reason)
  },
})
