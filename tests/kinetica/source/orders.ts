import type { Simulator } from '@isthmus/kinetica-simulator'
import type { SourceRecord } from '@isthmus/sdk'
import { callDatabase, createTable } from '../database.ts'

/** A table of ids and names. */
export async function orders(simulator: Simulator, table = 'orders'): Promise<void> {
  const [, schema] = /^(.+)\./.exec(table) ?? []
  if (schema !== undefined)
    await callDatabase(simulator.url, '/create/schema', { schema_name: schema, options: {} })
  await createTable(simulator.url, table, [
    { name: 'id', type: 'long' },
    { name: 'name', type: ['string', 'null'], properties: ['nullable'] },
  ])
}
export const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: BigInt(first + index), name: `row ${first + index}` }))
export const propsOf = (simulator: Simulator, tables = 'orders', more = {}) => ({
  'kinetica.url': simulator.url,
  'kinetica.table_names': tables,
  ...more,
})
export const ordered = { 'kinetica.order_column': 'id' }
export const ids = (records: readonly SourceRecord[]) =>
  records.map(({ value }) => (value as { id: bigint }).id)
export const idsFrom = (first: number, count: number) => rowsFrom(first, count).map(({ id }) => id)
