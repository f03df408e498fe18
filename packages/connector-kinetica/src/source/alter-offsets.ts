import { type AlterSourceOffsets, ConnectError, type SourceOffset, type SourcePartition } from '@isthmus/sdk'
import { type SourceConfig, sourceTables } from '../config/source.ts'
import { readOffset } from './position.ts'

type Offsets = Parameters<AlterSourceOffsets>[1]

/**
 * Whether tables can be gone on with from offsets: `{"table": …}` and `{"column": …, "value": …}`, behind the rows with that value; with
 * what else a task has written, behind one row. Null, which forgets an offset, is taken for any partition.
 */
export function checkOffsets(config: SourceConfig, offsets: Offsets): boolean {
  const tables = new Map(sourceTables(config).map((table) => [table.name, table]))
  for (const [partition, offset] of offsets) {
    if (offset === null) continue
    const name = tableOf(partition)
    const column = tables.get(name)?.orderColumn
    if (column === undefined) throw refused(`Table ${name} is not in kinetica.table_names`)
    if (column === null)
      throw refused(
        `Table ${name} has no kinetica.order_column: it is read from the moment that its task starts, and no offset can change that`,
      )
    checkOffset(name, column, offset)
  }
  return true
}

function tableOf(partition: SourcePartition | null): string {
  const name = partition?.['table']
  if (typeof name !== 'string' || Object.keys(partition ?? {}).length !== 1)
    throw refused('A partition has one key, "table", with the name of a table as in kinetica.table_names')
  return name
}

function checkOffset(table: string, column: string, offset: SourceOffset): void {
  const position = readOffset(offset)
  if (position === null)
    throw refused(`The offset of table ${table} names no column and value: null reads it from its first row`)
  if (position.column !== column)
    throw refused(
      `The offset of table ${table} is a value of column ${position.column}, and kinetica.order_column is ${column}`,
    )
}

const refused = (message: string): ConnectError => new ConnectError('connect', message)
