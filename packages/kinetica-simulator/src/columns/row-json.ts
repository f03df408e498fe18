import { Refusal } from '../refusal.ts'
import type { Column } from './column.ts'
import type { Row } from './row-bytes.ts'
import { show, type Value } from './value.ts'

/** A JSON text with whole numbers kept exact: those that a double cannot hold come as bigint. */
export function parseExact(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || Number.isSafeInteger(value)) return value
    return /^-?\d+$/.test(source) ? BigInt(source) : value
  }
  try {
    return JSON.parse(text, exact)
  } catch (error) {
    throw new Refusal(`Invalid JSON: ${(error as Error).message}`)
  }
}

/**
 * A row from a JSON object by the names of its columns. Columns that it lacks are null; throws a Refusal for one that the type does not
 * have, and for a value of another type than its column's.
 */
export function rowOfJson(columns: readonly Column[], object: unknown): unknown[] {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw new Refusal(`Record is no JSON object: ${show(object)}`)
  }
  const fields = new Map(Object.entries(object))
  for (const name of fields.keys()) {
    if (!columns.some((column) => column.name === name)) throw new Refusal(`Unknown column '${name}'`)
  }
  return columns.map((column) => valueOfJson(column, fields.get(column.name) ?? null))
}

/** Values as their column has them, where JSON has another type for them; the column says whether it takes them. */
function valueOfJson({ base }: Column, value: unknown): unknown {
  if (base === 'long' && Number.isSafeInteger(value)) return BigInt(value as number)
  if (base === 'int' && typeof value === 'boolean') return Number(value)
  if ((base === 'double' || base === 'float') && typeof value === 'bigint') return Number(value)
  if (base === 'bytes' && typeof value === 'string') return Uint8Array.from(Buffer.from(value, 'latin1'))
  return value
}

/** A row as a JSON text: longs exact, bytes as Avro's JSON has them, a character for each byte. */
export function jsonOfRow(columns: readonly Column[], row: Row): string {
  const fields = columns.map(
    (column, index) => `${JSON.stringify(column.name)}:${jsonOfValue(row[index] ?? null)}`,
  )
  return `{${fields.join(',')}}`
}

function jsonOfValue(value: Value): string {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('latin1'))
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value))
  return JSON.stringify(value)
}
