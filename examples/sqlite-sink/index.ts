import { dataError, nonEmptyList, nonEmptyString, type SinkRecord, sinkConnector } from '@isthmus/sdk'
import { targetOffsets, withoutErrant } from '@isthmus/sdk/sink'
import type { Row } from './database.ts'

/** Records as rows of a SQLite table, each exactly once: the offsets are in the database, too. */
export const SqliteSink = sinkConnector({
  class: 'example.SqliteSink',
  version: '1.0.0',
  config: {
    file: { type: 'string', validate: nonEmptyString, importance: 'high', doc: 'The database.' },
    table: {
      type: 'string',
      validate: nonEmptyString,
      importance: 'high',
      doc: 'The table that gets the rows; it is created where it is not there.',
    },
    columns: {
      type: 'list',
      validate: nonEmptyList,
      importance: 'high',
      doc: 'Fields of the values, each a column of the same name.',
    },
    'key.column': {
      type: 'string',
      default: null,
      importance: 'medium',
      doc: 'A column for the keys: a record then replaces the row of its key, or deletes it where it has no value. Without it each record is a row.',
    },
  },
  connector: ({ raw }) => ({ taskConfigs: (maxTasks) => Array.from({ length: maxTasks }, () => raw) }),
  async task({ file, table, columns, 'key.column': keyColumn }, context) {
    // loaded here, so that only a task pays for it
    const { openDatabase } = await import('./database.ts')
    const fields = columns.filter((name) => name !== keyColumn)
    const database = openDatabase(file, { connector: context.connector, table, columns: fields, keyColumn })
    const offsets = targetOffsets(context, database.offsets)
    const rowOf = (record: SinkRecord) => rowIn(record, fields, keyColumn)
    return {
      open: (partitions) => offsets.open(partitions),
      close: (partitions) => offsets.close(partitions),
      put: (records) =>
        offsets.write(records, async (fresh, next) => {
          const rows: Row[] = []
          await withoutErrant(context, fresh, (some) => {
            rows.push(...some.map(rowOf))
          })
          database.store(rows, next)
        }),
      async [Symbol.asyncDispose]() {
        database.close()
      },
    }
  },
})

function rowIn(record: SinkRecord, columns: readonly string[], keyColumn: string | null): Row {
  const { value } = record
  const key = keyColumn === null ? null : keyOf(record)
  if (value === null && keyColumn !== null) return { key, values: null }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw dataError('A row is made of a value with fields')
  const fields = value as { readonly [field: string]: unknown }
  return { key, values: columns.map((column) => cellOf(fields[column], column)) }
}

function keyOf({ key }: SinkRecord): string | number {
  if (typeof key === 'string' || typeof key === 'number') return key
  throw dataError(
    `The key of a row is text or a number, not ${key === null ? 'null' : `of type ${typeof key}`}`,
  )
}

function cellOf(value: unknown, column: string) {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string') return value
  if (value instanceof Uint8Array) return value
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw dataError(`The field ${column} cannot be written as JSON`, { cause })
  }
}
