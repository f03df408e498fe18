import { refusal } from '../refusal.ts'

/** The schema of tables that are named without one. */
export const DEFAULT_SCHEMA = 'ki_home'

const namePart = /^[A-Za-z0-9_][A-Za-z0-9 _#{}[\]():-]{0,199}$/

/** A table, by its schema and its name within it. */
export interface TableName {
  readonly schema: string
  readonly table: string
}

export const qualified = ({ schema, table }: TableName): string => `${schema}.${table}`

/** `schema.table`, or `table` of the default schema; throws a Refusal for a name that no table can have. */
export function parseTableName(name: string): TableName {
  const dot = name.indexOf('.')
  const [schema, table] = dot < 0 ? [DEFAULT_SCHEMA, name] : [name.slice(0, dot), name.slice(dot + 1)]
  checkName(schema)
  checkName(table)
  return { schema, table }
}

/** Throws a Refusal for a name that neither a schema nor a table can have. */
export function checkName(name: string): void {
  if (!namePart.test(name)) throw refusal(`Invalid name: '${name}'`, 'U/Un:301')
}
