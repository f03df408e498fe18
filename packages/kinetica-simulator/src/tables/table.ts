import { type Column, keep } from '../columns/column.ts'
import type { RecordType } from '../columns/record-type.ts'
import type { Row } from '../columns/row-bytes.ts'
import type { Value } from '../columns/value.ts'
import { Refusal } from '../refusal.ts'
import type { TableName } from './table-name.ts'

/** What becomes of a row whose primary key is there already. */
export type Collision = 'update' | 'ignore' | 'refuse'

export interface InsertOptions {
  readonly collision: Collision
  /** Whether strings that are too long for their column are cut. */
  readonly truncate: boolean
  /** Whether the good rows of a batch are kept although others are refused. */
  readonly partial: boolean
  /** Whether nothing is kept: errors alone are wanted. */
  readonly dryRun: boolean
}

export interface Inserted {
  readonly inserted: readonly Row[]
  readonly updated: number
  /** Ids of rows that were inserted or updated, in their order. */
  readonly ids: readonly string[]
  /** Why rows were refused, by their index in the batch. */
  readonly errors: ReadonlyMap<number, string>
}

/** The rows of a table, in the order in which they were inserted. */
export interface Table {
  readonly name: TableName
  readonly type: () => RecordType
  readonly rows: () => Iterable<Row>
  readonly size: () => number
  /** Takes rows as one batch: either all, or, where the options say so, those that it can. A row comes as a function that reads it. */
  readonly insert: (rows: readonly (() => readonly unknown[])[], options: InsertOptions) => Inserted
  /** Deletes the rows that satisfy a condition; answers how many. */
  readonly remove: (matches: (row: Row) => boolean) => number
  readonly clear: () => number
  /** Gives the table another type, and each row its form in it. */
  readonly retype: (type: RecordType, convert: (row: Row) => readonly unknown[]) => void
}

export function openTable(name: TableName, initial: RecordType): Table {
  let type = initial
  let rows = new Map<number, Row>()
  let ids = new Map<string, number>()
  let nextId = 0

  return {
    name,
    type: () => type,
    rows: () => rows.values(),
    size: () => rows.size,

    insert(batch, options) {
      const keyOf = keyReader(type.columns)
      const errors = new Map<number, string>()
      const accepted = new Map<number, Row>()
      const keys = new Set<string>()
      batch.forEach((read, index) => {
        try {
          const row = keepRow(type.columns, read(), options.truncate)
          const key = keyOf(row)
          if (key !== null && options.collision === 'refuse' && (ids.has(key) || keys.has(key))) {
            throw new Refusal(`Primary key violation: a record with the primary key ${key} exists`)
          }
          if (key !== null) keys.add(key)
          accepted.set(index, row)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          errors.set(index, error.message)
        }
      })
      if (options.dryRun || (errors.size > 0 && !options.partial)) {
        return { inserted: [], updated: 0, ids: [], errors }
      }
      return { ...put(accepted.values(), options.collision), errors }
    },

    remove(matches) {
      const keyOf = keyReader(type.columns)
      const gone = [...rows].filter(([, row]) => matches(row))
      for (const [id, row] of gone) {
        rows.delete(id)
        const key = keyOf(row)
        if (key !== null) ids.delete(key)
      }
      return gone.length
    },

    clear() {
      const count = rows.size
      rows = new Map()
      ids = new Map()
      return count
    },

    retype(next, convert) {
      const keyOf = keyReader(next.columns)
      const converted = new Map<number, Row>()
      const keys = new Map<string, number>()
      for (const [id, row] of rows) {
        const form = keepRow(next.columns, convert(row), false)
        const key = keyOf(form)
        if (key !== null && keys.has(key)) throw new Refusal(`Two records have the primary key ${key}`)
        converted.set(id, form)
        if (key !== null) keys.set(key, id)
      }
      type = next
      rows = converted
      ids = keys
    },
  }

  function put(accepted: Iterable<Row>, collision: Collision): Omit<Inserted, 'errors'> {
    const keyOf = keyReader(type.columns)
    const inserted: Row[] = []
    const touched: string[] = []
    let updated = 0
    for (const row of accepted) {
      const key = keyOf(row)
      const existing = key === null ? undefined : ids.get(key)
      if (existing === undefined) {
        const id = nextId++
        rows.set(id, row)
        if (key !== null) ids.set(key, id)
        inserted.push(row)
        touched.push(String(id))
      } else if (collision === 'update') {
        rows.set(existing, row)
        updated++
        touched.push(String(existing))
      }
    }
    return { inserted, updated, ids: touched }
  }
}

const keepRow = (columns: readonly Column[], row: readonly unknown[], truncate: boolean): Row =>
  columns.map((column, index) => keep(column, row[index], truncate))

/** Answers with the primary key of a row as a text; null where the type has none. */
function keyReader(columns: readonly Column[]): (row: Row) => string | null {
  const parts = columns.flatMap(({ name, primaryKey }, index) => (primaryKey ? [{ name, index }] : []))
  if (parts.length === 0) return () => null
  return (row) => `(${parts.map(({ name, index }) => `${name}=${keyPart(row[index] ?? null)}`).join(', ')})`
}

const keyPart = (value: Value): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
