import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulator, type Simulator } from '../simulator.ts'
import { ask, createTable, insert, records } from '../testing/ask.ts'

async function withRows(): Promise<Simulator> {
  const simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'int', price: 'string decimal nullable' })
  const prices = ['10', '9', null, '9.5']
  await insert(
    simulator,
    't',
    prices.map((price, id) => ({ id, price })),
  )
  return simulator
}

const ids = (rows: readonly unknown[]): unknown[] => rows.map((row) => (row as { readonly id: number }).id)

test('records come filtered and sorted, as their column orders them, nulls last', async () => {
  await using simulator = await withRows()
  assert.deepEqual(ids(await records(simulator, 't')), [0, 1, 2, 3])
  assert.deepEqual(ids(await records(simulator, 't', { sort_by: 'price' })), [1, 3, 0, 2])
  assert.deepEqual(
    ids(await records(simulator, 't', { sort_by: 'id', sort_order: 'descending' })),
    [3, 2, 1, 0],
  )
  assert.deepEqual(
    ids(await records(simulator, 't', { expression: "price > '9'", sort_by: 'price' })),
    [3, 0],
  )
  await assert.rejects(records(simulator, 't', { sort_by: 'nix' }), /Column 'nix' to sort by does not exist/)
})

test('pages say how many records there are, and whether more follow', async () => {
  await using simulator = await withRows()
  const page = (offset: number, limit: number) =>
    ask(simulator, '/get/records', { table_name: 't', offset, limit, encoding: 'json' })
  const first = await page(0, 3)
  assert.deepEqual([first['total_number_of_records'], first['has_more_records']], [4, true])
  assert.deepEqual(ids((first['records_json'] as string[]).map((text) => JSON.parse(text))), [0, 1, 2])
  const last = await page(3, 3)
  assert.deepEqual([last['total_number_of_records'], last['has_more_records']], [4, false])
  await assert.rejects(page(-1, 3), /Invalid offset -1/)
  await assert.rejects(page(0, -3), /Invalid limit -3/)
})

test('the plain JSON endpoint has columns, order and expression in its query', async () => {
  await using simulator = await withRows()
  const query = 'table_name=t&column_names=id&order_by=price%20desc,id&expression=id%20%3C%3E%200&limit=2'
  const response = await fetch(`${simulator.url}/get/records/json?${query}`, { method: 'POST' })
  assert.deepEqual(await response.json(), {
    status: 'OK',
    message: '',
    data: { total_number_of_records: 3, has_more_records: true, records: [{ id: 2 }, { id: 3 }] },
  })
  const missing = await fetch(`${simulator.url}/get/records/json`, { method: 'POST' })
  assert.deepEqual(await missing.json(), {
    status: 'ERROR',
    message: 'Missing parameter: table_name (U/PUq:302)',
  })
})

test('records are deleted by expressions, or all', async () => {
  await using simulator = await withRows()
  const remove = (expressions: readonly string[], options = {}) =>
    ask(simulator, '/delete/records', { table_name: 't', expressions, options })
  assert.deepEqual((await remove(['id = 0', 'id > 2']))['counts_deleted'], [1, 1])
  assert.deepEqual(ids(simulator.rows('t')), [1, 2])
  await assert.rejects(remove([]), /No expressions/)
  assert.equal((await remove([], { delete_all_records: 'true' }))['count_deleted'], 2)
  assert.deepEqual(simulator.rows('t'), [])
})
