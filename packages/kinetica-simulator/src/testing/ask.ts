import assert from 'node:assert/strict'
import type { Simulator } from '../simulator.ts'

export type Answer = { readonly [field: string]: unknown }

/** What an endpoint answers to a request in JSON; `options` are empty unless given. Throws an Error with the message of an ERROR. */
export async function ask(simulator: Simulator, endpoint: string, request: object): Promise<Answer> {
  const body = JSON.stringify({ options: {}, ...request })
  const response = await fetch(`${simulator.url}${endpoint}`, { method: 'POST', body })
  const envelope = (await response.json()) as { readonly [field: string]: string }
  if (envelope['status'] !== 'OK') throw new Error(envelope['message'])
  assert.equal(
    envelope['data_type'],
    `${dataTypes[endpoint] ?? endpoint.slice(1).replaceAll('/', '_')}_response`,
  )
  return JSON.parse(envelope['data_str'] ?? '')
}

/** Where the answer is not named for the path. */
const dataTypes: { readonly [endpoint: string]: string } = {
  '/create/tablemonitor': 'create_table_monitor',
  '/clear/tablemonitor': 'clear_table_monitor',
  '/alter/tablemonitor': 'alter_table_monitor',
  '/show/tablemonitors': 'show_table_monitors',
}

/** A column by its type and its properties: `long primary_key`; nullable ones have the property. */
export type Columns = { readonly [name: string]: string }

/** Registers a type; answers with its id. */
export async function createType(simulator: Simulator, columns: Columns): Promise<string> {
  const parsed = Object.entries(columns).map(([name, text]) => {
    const [base = '', ...properties] = text.split(' ')
    return { name, properties, type: properties.includes('nullable') ? [base, 'null'] : base }
  })
  const { type_id } = await ask(simulator, '/create/type', {
    type_definition: JSON.stringify({
      type: 'record',
      name: 'type_name',
      fields: parsed.map(({ name, type }) => ({ name, type })),
    }),
    label: '',
    properties: Object.fromEntries(parsed.map(({ name, properties }) => [name, properties])),
  })
  return String(type_id)
}

export async function createTable(simulator: Simulator, name: string, columns: Columns): Promise<void> {
  await ask(simulator, '/create/table', { table_name: name, type_id: await createType(simulator, columns) })
}

/** Inserts rows that are JSON objects. */
export const insert = (
  simulator: Simulator,
  table: string,
  rows: readonly object[],
  options: { readonly [option: string]: string } = {},
): Promise<Answer> =>
  ask(simulator, '/insert/records', {
    table_name: table,
    list: [],
    list_str: rows.map((row) => JSON.stringify(row)),
    list_encoding: 'json',
    options,
  })

/** The rows that a request for records answers with. */
export async function records(simulator: Simulator, table: string, options: object = {}): Promise<unknown[]> {
  const page = { offset: 0, limit: -9999, encoding: 'json', options }
  const { records_json } = await ask(simulator, '/get/records', { table_name: table, ...page })
  return (records_json as string[]).map((text) => JSON.parse(text))
}
