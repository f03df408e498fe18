/** What a test asks of a database by its endpoints, as `curl` would. */
export async function callDatabase(
  url: string,
  endpoint: string,
  request: object,
): Promise<{ readonly [name: string]: unknown }> {
  const response = await fetch(`${url}${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(10_000),
  })
  const { status, message, data_str } = (await response.json()) as { readonly [name: string]: string }
  if (status !== 'OK') throw new Error(`${endpoint}: ${message}`)
  return JSON.parse(data_str ?? '{}')
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: string | readonly string[]
  readonly properties?: readonly string[]
}

export async function createTable(
  url: string,
  table: string,
  columns: readonly ColumnDefinition[],
): Promise<void> {
  const fields = columns.map(({ name, type }) => ({ name, type }))
  const { type_id } = await callDatabase(url, '/create/type', {
    type_definition: JSON.stringify({ type: 'record', name: 'type_name', fields }),
    label: table,
    properties: Object.fromEntries(columns.map(({ name, properties = [] }) => [name, properties])),
    options: {},
  })
  await callDatabase(url, '/create/table', { table_name: table, type_id, options: {} })
}
