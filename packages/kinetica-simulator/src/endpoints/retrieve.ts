import type { Column } from '../columns/column.ts'
import { type Row, writeRow } from '../columns/row-bytes.ts'
import { jsonOfRow } from '../columns/row-json.ts'
import { orderValues, parseExpression } from '../expressions/expression.ts'
import { refusal } from '../refusal.ts'
import type { Table } from '../tables/table.ts'
import type { Endpoint, Options } from './endpoint.ts'

/** The limit of a request that wants as much as there is. */
const END_OF_SET = -9999

/** More records than this, one answer does not have. */
const MAX_RECORDS = 20_000

interface GetRecordsRequest {
  readonly table_name: string
  readonly offset: number
  readonly limit: number
  readonly encoding: string
  readonly options: Options
}

export const getRecords: Endpoint<GetRecordsRequest> = ({ database }, request) => {
  const { options, encoding } = request
  const table = database.table(request.table_name)
  const type = table.type()
  const descending = options['sort_order'] === 'descending'
  const order = options['sort_by'] === undefined ? [] : [{ column: options['sort_by'], descending }]
  const page = selectPage(table, { ...request, expression: options['expression'] ?? '', order })
  if (encoding !== 'binary' && encoding !== 'json')
    throw refusal(`Unsupported encoding '${encoding}'`, 'G/Gr:801')
  return {
    table_name: request.table_name,
    type_name: type.id,
    type_schema: type.schema,
    records_binary: encoding === 'binary' ? page.rows.map((row) => writeRow(type.columns, row)) : [],
    records_json: encoding === 'json' ? page.rows.map((row) => jsonOfRow(type.columns, row)) : [],
    total_number_of_records: page.total,
    has_more_records: page.more,
    info: {},
  }
}

export interface Selection {
  readonly offset: number
  readonly limit: number
  readonly expression: string
  /** Columns that rows are sorted by, the first one first. */
  readonly order: readonly { readonly column: string; readonly descending: boolean }[]
}

export interface Page {
  readonly rows: readonly Row[]
  /** All rows that satisfy the expression. */
  readonly total: number
  readonly more: boolean
}

/** A page of the rows of a table. */
export function selectPage(table: Table, { offset, limit, expression, order }: Selection): Page {
  if (offset < 0) throw refusal(`Invalid offset ${offset}`, 'G/Gr:802')
  if (limit < 0 && limit !== END_OF_SET) throw refusal(`Invalid limit ${limit}`, 'G/Gr:803')
  const { columns } = table.type()
  const matching = [...table.rows()].filter(parseExpression(expression, columns))
  for (const { column, descending } of order.toReversed()) {
    const compare = orderBy(columns, column.trim())
    matching.sort((a, b) => (descending ? -compare(a, b) : compare(a, b)))
  }
  const count = limit === END_OF_SET ? MAX_RECORDS : Math.min(limit, MAX_RECORDS)
  const rows = matching.slice(offset, offset + count)
  return { rows, total: matching.length, more: offset + rows.length < matching.length }
}

/** Rows by one column; nulls come last. */
function orderBy(columns: readonly Column[], name: string): (a: Row, b: Row) => number {
  const index = columns.findIndex((column) => column.name === name)
  const column = columns[index]
  if (column === undefined) throw refusal(`Column '${name}' to sort by does not exist`, 'G/Gr:804')
  return (a, b) => {
    const [left = null, right = null] = [a[index], b[index]]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return orderValues(column.meaning.order(left), column.meaning.order(right))
  }
}
