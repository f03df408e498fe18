import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimal, type StructSchema, schema } from '@isthmus/sdk'
import { callDatabase, createTable } from '../database.ts'
import { openSimulator, openSink, recordsOf, type Simulator } from './rig.ts'

const evolving = {
  'kinetica.tables.single_table_per_topic': 'true',
  'kinetica.schema_evolution.enabled': 'true',
  'kinetica.schema_evolution.add_new_fields_as_columns': 'true',
  'kinetica.schema_evolution.make_missing_field_nullable': 'true',
}

const version = (number: number, fields: Parameters<typeof schema.struct>[0]): StructSchema =>
  schema.struct(fields, { name: 'Order', version: number })

const first = version(1, { id: schema.int64(), note: schema.string() })
const second = version(2, {
  id: schema.int64(),
  note: schema.string(),
  price: schema.decimal(2, { optional: true }),
  count: schema.int32({ default: 3 }),
})
const third = version(3, { id: schema.int64(), count: schema.int32() })

async function columnsOf({ url }: Simulator, table: string) {
  const shown = await callDatabase(url, '/show/table', { table_name: table, options: {} })
  const [type = ''] = shown['type_schemas'] as readonly string[]
  const { fields } = JSON.parse(type) as { fields: readonly { name: string; type: unknown }[] }
  return Object.fromEntries(fields.map(({ name, type }) => [name, type]))
}

test('fields of a newer version become columns, those that are gone nullable, and older records still fit', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, evolving)
  await sink.task.put([
    ...recordsOf(first, [{ id: 1n, note: 'a' }]),
    ...recordsOf(second, [{ id: 2n, note: 'b', price: decimal(125n, 2), count: 5 }], { from: 1 }),
    ...recordsOf(third, [{ id: 3n, count: 6 }], { from: 2 }),
    ...recordsOf(first, [{ id: 4n, note: 'd' }], { from: 3 }),
    ...recordsOf(second, [{ id: 5n, note: 'e', count: 7 }], { from: 4 }),
  ])
  assert.equal(await sink.commit(5), 5)
  assert.deepEqual(database.rows('t'), [
    { id: 1n, note: 'a', price: null, count: null },
    { id: 2n, note: 'b', price: '1.2500', count: 5 },
    { id: 3n, note: null, price: null, count: 6 },
    { id: 4n, note: 'd', price: null, count: null },
    { id: 5n, note: 'e', price: null, count: 7 },
  ])
  assert.deepEqual(await columnsOf(database, 't'), {
    id: 'long',
    note: ['string', 'null'],
    price: ['string', 'null'],
    count: ['int', 'null'],
  })
  assert.equal(database.requests.count('/alter/table/columns'), 2)
  assert.deepEqual(sink.context.errant, [])
})

test('rows that wait are inserted before their table is altered, and wait on when that fails', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, evolving)
  await sink.task.put(recordsOf(first, [{ id: 1n, note: 'a' }]))
  const records = recordsOf(second, [{ id: 2n, note: 'b', count: 1 }], { from: 1 })
  database.faults.inject({ endpoint: '/insert/records', action: { kind: 'cut' } })
  await assert.rejects(async () => sink.task.put(records), /Could not call/)
  assert.equal(database.requests.count('/alter/table/columns'), 0)
  await sink.task.put(records)
  assert.equal(database.rows('t').length, 1)
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(
    database.rows('t').map(({ id }) => id),
    [1n, 2n],
  )
})

test('a row that is refused when its table is to be altered fails the task with its own offset', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 't', [
    { name: 'id', type: 'long' },
    { name: 'note', type: 'string', properties: ['char1'] },
  ])
  await using sink = await openSink(database.url, evolving, { errant: false })
  await assert.rejects(
    async () =>
      sink.task.put([
        ...recordsOf(first, [
          { id: 1n, note: 'a' },
          { id: 2n, note: 'bb' },
        ]),
        ...recordsOf(second, [{ id: 3n, note: 'c', count: 1 }], { from: 2 }),
      ]),
    /^ConnectError: The record of topic t, partition 0, offset 1 cannot be stored in Kinetica: table t does not take/,
  )
  assert.equal(await sink.commit(0), 0)
})

test('an alteration that another task has made before is taken as it is', async () => {
  await using database = await openSimulator()
  await using one = await openSink(database.url, evolving)
  await using other = await openSink(database.url, evolving)
  for (const sink of [one, other]) await sink.task.put(recordsOf(first, [{ id: 1n, note: 'a' }]))
  for (const sink of [one, other]) {
    await sink.task.put(recordsOf(second, [{ id: 2n, note: 'b', count: 1 }], { from: 1 }))
    assert.equal(await sink.commit(2), 2)
  }
  assert.equal(database.rows('t').length, 4)
  assert.deepEqual([...one.context.errant, ...other.context.errant], [])
})

test('a table of before is altered for the first records of a task too', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 't', [{ name: 'id', type: 'long', properties: ['primary_key'] }])
  await using sink = await openSink(database.url, evolving)
  await sink.task.put(recordsOf(first, [{ id: 1n, note: 'a' }]))
  assert.equal(await sink.commit(1), 1)
  assert.deepEqual(database.rows('t'), [{ id: 1n, note: 'a' }])
})

test('a column of the primary key stays as it is: records without it are refused', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 't', [
    { name: 'key', type: 'long', properties: ['primary_key'] },
    { name: 'id', type: 'long' },
  ])
  await using sink = await openSink(database.url, evolving)
  await sink.task.put(recordsOf(first, [{ id: 1n, note: 'a' }]))
  assert.equal(await sink.commit(1), 1)
  assert.equal(sink.context.errant.length, 1)
  assert.ok(sink.log.some((line) => /table t requires key/.test(line)))
})

test('without add_new_fields_as_columns new fields are left out; without make_missing_field_nullable a missing one refuses', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, {
    ...evolving,
    'kinetica.schema_evolution.add_new_fields_as_columns': 'false',
    'kinetica.schema_evolution.make_missing_field_nullable': 'false',
  })
  await sink.task.put([
    ...recordsOf(first, [{ id: 1n, note: 'a' }]),
    ...recordsOf(second, [{ id: 2n, note: 'b', count: 1 }], { from: 1 }),
    ...recordsOf(third, [{ id: 3n, count: 1 }], { from: 2 }),
  ])
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(database.rows('t'), [
    { id: 1n, note: 'a' },
    { id: 2n, note: 'b' },
  ])
  assert.deepEqual(
    sink.context.errant.map(({ kafkaOffset }) => kafkaOffset),
    [2],
  )
  assert.equal(database.requests.count('/alter/table/columns'), 0)
})

test('with schema evolution off a table takes the version that came first, and every record of another is refused', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.tables.single_table_per_topic': 'true' })
  const refused = recordsOf(second, [{ id: 2n, note: 'b', count: 1 }], { from: 1 })
  await sink.task.put([
    ...recordsOf(first, [{ id: 1n, note: 'a' }]),
    ...refused,
    ...recordsOf(first, [{ id: 3n, note: 'c' }], { from: 2 }),
  ])
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(
    database.rows('t').map(({ id }) => id),
    [1n, 3n],
  )
  assert.deepEqual(sink.context.errant, refused)
  await using strict = await openSink(database.url, {}, { errant: false })
  await strict.task.put(recordsOf(first, [{ id: 1n, note: 'a' }]))
  await assert.rejects(
    async () => strict.task.put(refused),
    /takes records of schema version 1, and not of 2: kinetica.schema_evolution.enabled is false/,
  )
})

test('what is wrong with a schema is said once, though it comes anew with every record', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 't', [{ name: 'id', type: 'int' }])
  await using sink = await openSink(database.url, { 'kinetica.tables.destination_name': 't' })
  const anew = (version: number) =>
    schema.struct({ id: schema.int32(), more: schema.string() }, { name: 't', version })
  for (let id = 0; id < 6; id++)
    await sink.task.put(recordsOf(anew(1 + (id % 2)), [{ id, more: 'x' }], { from: id }))
  assert.equal(await sink.commit(6), 6)
  assert.equal(sink.context.errant.length, 3)
  assert.deepEqual(
    sink.log.map((line) => /left out: more|Records are refused/.exec(line)?.[0]),
    ['left out: more', 'Records are refused'],
  )
})
