import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulator, type Simulator } from '../simulator.ts'
import { ask, createTable, insert } from '../testing/ask.ts'

async function keyed(): Promise<Simulator> {
  const simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'int primary_key', name: 'string char4 nullable' })
  await insert(simulator, 't', [{ id: 1, name: 'one' }])
  return simulator
}

const counts = ({ count_inserted, count_updated }: { readonly [field: string]: unknown }): unknown[] => [
  count_inserted,
  count_updated,
]

test('a record whose primary key exists is refused, replaced, or ignored, as the options say', async () => {
  await using simulator = await keyed()
  const rows = [
    { id: 1, name: 'uno' },
    { id: 2, name: null },
  ]
  await assert.rejects(insert(simulator, 't', rows), {
    message: `Table 'ki_home.t': record 0: Primary key violation: a record with the primary key (id=1) exists (I/Ir:702)`,
  })
  assert.deepEqual(simulator.rows('t'), [{ id: 1, name: 'one' }], 'a batch is taken as a whole')
  assert.deepEqual(counts(await insert(simulator, 't', rows, { ignore_existing_pk: 'true' })), [1, 0])
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, name: 'one' },
    { id: 2, name: null },
  ])
  assert.deepEqual(counts(await insert(simulator, 't', rows, { update_on_existing_pk: 'true' })), [0, 2])
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, name: 'uno' },
    { id: 2, name: null },
  ])
})

test('of two records of one batch with one primary key the second is refused, or the last one wins', async () => {
  await using simulator = await keyed()
  const rows = [
    { id: 2, name: 'a' },
    { id: 2, name: 'b' },
  ]
  await assert.rejects(insert(simulator, 't', rows), /record 1: Primary key violation/)
  assert.deepEqual(counts(await insert(simulator, 't', rows, { update_on_existing_pk: 'true' })), [1, 1])
  assert.deepEqual(simulator.rows('t')[1], { id: 2, name: 'b' })
})

const bad = [{ id: 2 }, { id: 3, name: 'too long' }, { id: 'x' }, { id: 4, other: 1 }, { name: 'two' }]

test('an ERROR names table, record, column and value of the first bad record, and nothing is in', async () => {
  await using simulator = await keyed()
  await assert.rejects(insert(simulator, 't', bad), {
    message: `Table 'ki_home.t': record 1: Column 'name': value 'too long': has 8 characters, and at most 4 are allowed (I/Ir:702)`,
  })
  assert.equal(simulator.rows('t').length, 1)
})

test('return_individual_errors tells of each bad record; the good ones are in only with allow_partial_batch', async () => {
  await using simulator = await keyed()
  const info = {
    bad_record_indices: '1,2,3,4',
    error_1: "Column 'name': value 'too long': has 8 characters, and at most 4 are allowed",
    error_2: "Column 'id' of type 'int' cannot take 'x'",
    error_3: "Unknown column 'other'",
    error_4: "Column 'id' is not nullable, and its value is null",
  }
  const whole = await insert(simulator, 't', bad, { return_individual_errors: 'true' })
  assert.deepEqual(whole['info'], info)
  assert.deepEqual(counts(whole), [0, 0])
  const options = { return_individual_errors: 'true', allow_partial_batch: 'true', return_record_ids: 'true' }
  const partial = await insert(simulator, 't', bad, options)
  assert.deepEqual(partial['info'], info)
  assert.deepEqual(counts(partial), [1, 0])
  assert.equal((partial['record_ids'] as string[]).length, 1)
  assert.deepEqual(simulator.rows('t')[1], { id: 2, name: null })
})

test('a dry run tells what would be refused, and keeps nothing', async () => {
  await using simulator = await keyed()
  assert.deepEqual(counts(await insert(simulator, 't', [{ id: 2 }], { dry_run: 'true' })), [0, 0])
  await assert.rejects(insert(simulator, 't', [{ id: 1 }], { dry_run: 'true' }), /Primary key violation/)
  assert.equal(simulator.rows('t').length, 1)
})

test('strings are cut where the options say so', async () => {
  await using simulator = await keyed()
  await insert(simulator, 't', [{ id: 3, name: 'too long' }], { truncate_strings: 'true' })
  assert.deepEqual(simulator.rows('t')[1], { id: 3, name: 'too ' })
})

test('longs and bytes come through JSON exactly', async () => {
  await using simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'long', data: 'bytes' })
  const list_str = ['{"id": 9223372036854775807, "data": "\\u0000\\u00ff"}']
  await ask(simulator, '/insert/records', { table_name: 't', list: [], list_str, list_encoding: 'json' })
  assert.deepEqual(simulator.rows('t'), [{ id: 2n ** 63n - 1n, data: Uint8Array.from([0, 255]) }])
  const page = { table_name: 't', offset: 0, limit: 1, encoding: 'json' }
  const { records_json } = await ask(simulator, '/get/records', page)
  assert.deepEqual(records_json, ['{"id":9223372036854775807,"data":"\\u0000ÿ"}'])
})

test('requests that lack a field, have an unknown option, or name a table that is missing are refused', async () => {
  await using simulator = await keyed()
  const request = { table_name: 't', list: [], list_str: [], list_encoding: 'json' }
  await assert.rejects(ask(simulator, '/insert/records', { table_name: 't' }), /Field 'list' is missing/)
  await assert.rejects(ask(simulator, '/insert/records', { ...request, options: { upsert: 'true' } }), {
    message: "Parameter map key: 'upsert' is not a valid parameter (U/PUh:348)",
  })
  await assert.rejects(
    ask(simulator, '/insert/records', { ...request, list_encoding: 'xml' }),
    /list_encoding 'xml'/,
  )
  await assert.rejects(
    ask(simulator, '/insert/records', { ...request, table_name: 'nix' }),
    /'nix' does not exist/,
  )
})
