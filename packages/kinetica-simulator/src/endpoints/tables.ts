import { refusal } from '../refusal.ts'
import type { Database } from '../tables/database.ts'
import type { Table } from '../tables/table.ts'
import { parseTableName, qualified } from '../tables/table-name.ts'
import { type Endpoint, isOn, type Options } from './endpoint.ts'

interface TableRequest {
  readonly table_name: string
  readonly options: Options
}

export const hasTable: Endpoint<TableRequest> = ({ database }, { table_name }) => ({
  table_name,
  table_exists: database.find(table_name) !== undefined,
  info: {},
})

export const createTable: Endpoint<TableRequest & { readonly type_id: string }> = (
  { database },
  { table_name, type_id, options },
) => {
  const type = database.type(type_id)
  if (type === undefined) throw refusal(`Type '${type_id}' does not exist`, 'TM/My:406')
  for (const option of ['create_temp_table', 'is_collection']) {
    if (isOn(options, option)) throw refusal(`Option '${option}' is not supported`, 'TM/Mt:412')
  }
  const collection = options['collection_name'] ?? ''
  // an older way to name the schema, which is then made where it is missing
  if (collection !== '' && !database.schemas().includes(collection)) database.createSchema(collection)
  const name = parseTableName(collection === '' ? table_name : `${collection}.${table_name}`)
  const existing = database.find(qualified(name))
  const same = existing?.type().id === type_id && isOn(options, 'no_error_if_exists')
  if (!same) database.createTable(name, type)
  return {
    table_name,
    type_id,
    is_collection: false,
    info: { qualified_table_name: qualified(name) },
  }
}

export const clearTable: Endpoint<TableRequest> = ({ database, monitors }, { table_name, options }) => {
  const table = database.find(table_name)
  if (table !== undefined || !isOn(options, 'no_error_if_not_exists')) database.dropTable(table_name)
  monitors.forget((monitor) => monitor.table === table)
  return { table_name, info: {} }
}

export const showTable: Endpoint<TableRequest> = ({ database }, { table_name, options }) => {
  const shown = shownTables(database, table_name, options['show_children'] !== 'false')
  if (shown.length === 0 && !isOn(options, 'no_error_if_not_exists')) {
    // of a schema without tables there is nothing to show, and nothing wrong either
    if (!isSchema(database, table_name)) database.table(table_name)
  }
  const sizes = isOn(options, 'get_sizes') ? shown.map(({ table }) => table?.size() ?? 0) : []
  const total = isOn(options, 'get_sizes') ? sizes.reduce((sum, size) => sum + size, 0) : -1
  return {
    table_name,
    table_names: shown.map(({ name }) => name),
    table_descriptions: shown.map(({ table }) => (table === null ? ['SCHEMA', 'COLLECTION'] : [])),
    type_ids: shown.map(({ table }) => table?.type().id ?? ''),
    type_schemas: shown.map(({ table }) => table?.type().schema ?? ''),
    type_labels: shown.map(({ table }) => table?.type().label ?? ''),
    properties: shown.map(({ table }) => table?.type().properties ?? {}),
    additional_info: shown.map(({ table }) => additionalInfo(table)),
    sizes,
    full_sizes: sizes,
    join_sizes: sizes,
    total_size: total,
    total_full_size: total,
    info: {},
  }
}

/** A table that is shown, under the name by which it is; of a schema itself there is the name alone. */
interface Shown {
  readonly name: string
  readonly table: Table | null
}

const isSchema = (database: Database, name: string): boolean =>
  ['', '*'].includes(name) || database.schemas().includes(name)

function shownTables(database: Database, name: string, children: boolean): readonly Shown[] {
  const all = ['', '*'].includes(name)
  if (!all && !database.schemas().includes(name)) {
    const table = database.find(name)
    return table === undefined ? [] : [{ name, table }]
  }
  const schemas = database.schemas().filter((schema) => all || schema === name)
  if (!children) return schemas.map((schema) => ({ name: schema, table: null }))
  return database
    .tables()
    .filter((table) => schemas.includes(table.name.schema))
    .map((table) => ({ name: table.name.table, table }))
}

const additionalInfo = (table: Table | null): Options =>
  table === null
    ? {}
    : {
        schema_name: table.name.schema,
        collection_names: table.name.schema,
        request_avro_type: 'create_table',
        table_ttl: '-1',
        remaining_table_ttl: '-1',
      }
