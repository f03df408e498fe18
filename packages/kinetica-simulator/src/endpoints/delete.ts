import { parseExpression } from '../expressions/expression.ts'
import { refusal } from '../refusal.ts'
import { type Endpoint, isOn, type Options } from './endpoint.ts'

interface DeleteRequest {
  readonly table_name: string
  readonly expressions: readonly string[]
  readonly options: Options
}

export const deleteRecords: Endpoint<DeleteRequest> = async ({ database, monitors }, request) => {
  const { expressions, options } = request
  const table = database.table(request.table_name)
  const { columns } = table.type()
  const all = isOn(options, 'delete_all_records')
  if (!all && expressions.length === 0) throw refusal('No expressions are given', 'D/Dr:901')
  const within = parseExpression(options['global_expression'] ?? '', columns)
  const conditions = expressions.map((expression) => parseExpression(expression, columns))
  const counts = all
    ? [table.clear()]
    : conditions.map((matches) => table.remove((row) => within(row) && matches(row)))
  const count = counts.reduce((sum, one) => sum + one, 0)
  await monitors.counted(table, 'delete', count)
  return { count_deleted: count, counts_deleted: counts, info: {} }
}
