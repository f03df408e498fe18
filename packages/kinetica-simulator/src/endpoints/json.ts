import type { Column } from '../columns/column.ts'
import type { Row } from '../columns/row-bytes.ts'
import { jsonOfRow, parseExact, rowOfJson } from '../columns/row-json.ts'
import { refusal } from '../refusal.ts'
import { parseTableName } from '../tables/table-name.ts'
import type { Options, World } from './endpoint.ts'
import { inferType } from './infer.ts'
import { insertInto } from './insert.ts'
import { selectPage } from './retrieve.ts'

/** An endpoint that takes its options from the query, and a body of plain JSON; answers with the JSON text of `data`. */
export type JsonEndpoint = (world: World, query: Options, body: string) => string | Promise<string>

/** Inserts the object, or the array of objects, of the body. A table that is missing is made, with a type that takes them. */
const insertRecordsJson: JsonEndpoint = async (world, query, body) => {
  const { database } = world
  const name = required(query, 'table_name')
  const parsed = parseExact(body)
  const objects = Array.isArray(parsed) ? parsed : [parsed]
  const existing = database.find(name)
  const table = existing ?? database.createTable(parseTableName(name), database.keepType(inferType(objects)))
  const { columns } = table.type()
  const result = await insertInto(
    world,
    table,
    objects.map((object) => () => rowOfJson(columns, object)),
    query,
  )
  const type = table.type()
  return JSON.stringify({
    table_name: name,
    type_id: type.id,
    type_definition: type.schema,
    type_label: type.label,
    type_properties: type.properties,
    count_inserted: result.inserted.length,
    count_skipped: result.errors.size,
    count_updated: result.updated,
    info: {},
  })
}

/** Rows as JSON objects, of the columns that are asked for. */
const getRecordsJson: JsonEndpoint = ({ database }, query) => {
  const table = database.table(required(query, 'table_name'))
  if (query['having'] !== undefined) throw refusal('Unsupported parameter: having', 'G/Gj:811')
  const page = selectPage(table, {
    offset: Number(query['offset'] ?? 0),
    limit: Number(query['limit'] ?? -9999),
    expression: query['expression'] ?? '',
    order: (query['order_by'] ?? '').split(',').filter(Boolean).map(orderOf),
  })
  const { columns } = table.type()
  const wanted = wantedOf(columns, query['column_names'])
  const records = page.rows.map((row) => jsonOfRow(wanted.columns, wanted.pick(row)))
  return `{"total_number_of_records":${page.total},"has_more_records":${page.more},"records":[${records.join(',')}]}`
}

export const jsonEndpoints: ReadonlyMap<string, JsonEndpoint> = new Map([
  ['/insert/records/json', insertRecordsJson],
  ['/get/records/json', getRecordsJson],
])

function required(query: Options, key: string): string {
  const value = query[key]
  if (value === undefined || value === '') throw refusal(`Missing parameter: ${key}`, 'U/PUq:302')
  return value
}

/** `column`, `column asc` or `column desc`. */
function orderOf(text: string): { readonly column: string; readonly descending: boolean } {
  const [column = '', direction = 'asc'] = text.trim().split(/\s+/)
  return { column, descending: direction.toLowerCase() === 'desc' }
}

interface Wanted {
  readonly columns: readonly Column[]
  readonly pick: (row: Row) => Row
}

function wantedOf(columns: readonly Column[], names: string | undefined): Wanted {
  if (names === undefined || names === '*') return { columns, pick: (row) => row }
  const indices = names.split(',').map((name) => {
    const index = columns.findIndex((column) => column.name === name.trim())
    if (index < 0) throw refusal(`Column '${name.trim()}' does not exist`, 'G/Gj:812')
    return index
  })
  return {
    columns: indices.flatMap((index) => columns[index] ?? []),
    pick: (row) => indices.map((index) => row[index] ?? null),
  }
}
