import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, decimal, schema } from '@isthmus/sdk'
import { callDatabase, createTable } from '../database.ts'
import { openSimulator, openSink, recordsOf } from './rig.ts'

const apple = schema.struct(
  {
    id: schema.int32(),
    weight: schema.float64({ optional: true }),
    name: schema.string(),
  },
  { name: 'com.shop.Apple', version: 1 },
)

test('a table is created for the schema of records, and holds their rows', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.tables.schema_name': 'fruit' })
  await sink.task.put(
    recordsOf(apple, [
      { id: 1, weight: 0.5, name: 'Elstar' },
      { id: 2, weight: null, name: 'Jonagold' },
    ]),
  )
  assert.deepEqual(database.rows('fruit.Apple'), [], 'rows wait for their batch')
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(database.rows('fruit.Apple'), [
    { id: 1, weight: 0.5, name: 'Elstar' },
    { id: 2, weight: null, name: 'Jonagold' },
  ])
  assert.deepEqual(sink.context.errant, [])
})

test('every type of Kafka Connect that a column can hold arrives as it was', async () => {
  await using database = await openSimulator()
  const all = schema.struct({
    i8: schema.int8(),
    i16: schema.int16(),
    i32: schema.int32(),
    i64: schema.int64(),
    f32: schema.float32(),
    f64: schema.float64(),
    yes: schema.boolean(),
    text: schema.string(),
    bytes: schema.bytes(),
    money: schema.decimal(2),
    exact: schema.decimal(10),
    day: schema.date(),
    clock: schema.time(),
    at: schema.timestamp(),
    none: schema.int64({ optional: true }),
    fallback: schema.int32({ optional: true, default: 7 }),
  })
  await using sink = await openSink(database.url)
  const at = new Date(Date.UTC(2024, 1, 29, 13, 14, 15, 16))
  await sink.task.put(
    recordsOf(all, [
      {
        i8: -128,
        i16: 32767,
        i32: -2147483648,
        i64: 9223372036854775807n,
        f32: 0.5,
        f64: Math.PI,
        yes: true,
        text: 'Grüße, 世界',
        bytes: Uint8Array.of(0, 255),
        money: decimal(-12345n, 2),
        exact: decimal(12345678901n, 10),
        day: new Date(Date.UTC(2024, 1, 29)),
        clock: new Date(47_655_016),
        at,
        none: null,
        fallback: null,
      },
    ]),
  )
  assert.equal(await sink.commit(1), 1)
  assert.deepEqual(
    database.rows('t').map((row) => ({ ...row, bytes: [...(row['bytes'] as Uint8Array)] })),
    [
      {
        i8: -128,
        i16: 32767,
        i32: -2147483648,
        i64: 9223372036854775807n,
        f32: 0.5,
        f64: Math.PI,
        yes: 1,
        text: 'Grüße, 世界',
        bytes: [0, 255],
        money: '-123.4500',
        exact: '1.2345678901',
        day: '2024-02-29',
        clock: '13:14:15.016',
        at: BigInt(at.getTime()),
        none: null,
        fallback: 7,
      },
    ],
  )
  const shown = await callDatabase(database.url, '/show/table', { table_name: 't', options: {} })
  const [properties] = shown['properties'] as readonly { readonly [name: string]: readonly string[] }[]
  const own = (column: string) => properties?.[column]?.filter((property) => property !== 'data') ?? []
  assert.deepEqual(own('i8'), ['int8'])
  assert.deepEqual(own('yes'), ['boolean'])
  assert.deepEqual(own('at'), ['timestamp'])
  assert.deepEqual(own('none'), ['nullable'])
})

test('a record with a type that no column has is reported with its field, and others go on', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  const list = schema.struct({ id: schema.int32(), tags: schema.array(schema.string()) }, { name: 'Listed' })
  await sink.task.put([
    ...recordsOf(list, [{ id: 1, tags: ['a'] }]),
    ...recordsOf(apple, [{ id: 2, weight: 1, name: 'x' }], { from: 1 }),
  ])
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(
    sink.context.errant.map(({ kafkaOffset }) => kafkaOffset),
    [0],
  )
  assert.deepEqual(database.tables(), ['ki_home.Apple'])
  await using strict = await openSink(database.url, {}, { errant: false })
  await assert.rejects(
    async () => strict.task.put(recordsOf(list, [{ id: 1, tags: ['a'] }])),
    /topic t, partition 0, offset 0 cannot be stored in Kinetica: Unsupported type for field tags.*array/,
  )
})

test('records without a schema make a table of what the first of them has, all columns nullable', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.tables.prefix': 'p_' })
  await sink.task.put([
    ...recordsOf(null, [{ id: 1, name: 'a', nothing: null, ratio: 0.5, yes: false }]),
    ...recordsOf(null, [{ name: 'b', other: 1 }, new Map([['id', 3n]])], { from: 1 }),
  ])
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(database.rows('p_t'), [
    { id: 1n, name: 'a', ratio: 0.5, yes: 0 },
    { id: null, name: 'b', ratio: null, yes: null },
    { id: 3n, name: null, ratio: null, yes: null },
  ])
  assert.ok(sink.log.some((line) => /no column for are left out: nothing/.test(line)))
})

test('a key of text names the table of records without a schema', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put([
    ...recordsOf(null, [{ id: 1 }], { key: 'shop.orders' }),
    ...recordsOf(null, [{ id: 2 }], { key: 'items', from: 1 }),
  ])
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual([...database.tables()].sort(), ['ki_home.items', 'ki_home.orders'])
})

test('changes of Oracle GoldenGate become the row that they left', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put(
    recordsOf(null, [
      { op_type: 'U', before: { id: 1, name: 'old' }, after: { id: 1, name: 'new' } },
      { op_type: 'D', before: { id: 1, name: 'old' } },
    ]),
  )
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(database.rows('t'), [{ id: 1n, name: 'new' }])
  assert.deepEqual(
    sink.context.errant.map(({ kafkaOffset }) => kafkaOffset),
    [1],
  )
})

test('an existing table is filled by the names of its columns, whatever their order', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'orders', [
    { name: 'name', type: 'string', properties: ['char4'] },
    { name: 'extra', type: ['long', 'null'], properties: ['nullable'] },
    { name: 'id', type: 'long', properties: ['primary_key'] },
  ])
  await using sink = await openSink(database.url, { 'kinetica.tables.destination_name': 'orders' })
  await sink.task.put(
    recordsOf(apple, [
      { id: 1, weight: 2.5, name: 'abcd' },
      { id: 1, weight: 2.5, name: 'efgh' },
    ]),
  )
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(database.rows('orders'), [{ name: 'efgh', extra: null, id: 1n }])
  assert.equal(database.requests.count('/create/table'), 1, 'only by the test')
  assert.ok(sink.log.some((line) => /left out: weight/.test(line)))
})

test('with update_on_existing_pk=false the row that is there stays, and the record counts as stored', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'Apple', [
    { name: 'id', type: 'int', properties: ['primary_key'] },
    { name: 'name', type: 'string' },
  ])
  await using sink = await openSink(database.url, { 'kinetica.tables.update_on_existing_pk': 'false' })
  await sink.task.put(
    recordsOf(apple, [
      { id: 1, weight: null, name: 'first' },
      { id: 1, weight: null, name: 'second' },
    ]),
  )
  assert.equal(await sink.commit(2), 2)
  assert.deepEqual(database.rows('Apple'), [{ id: 1, name: 'first' }])
  assert.deepEqual(sink.context.errant, [])
})

test('a column that a schema does not fill and that takes no null refuses its records', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'Apple', [
    { name: 'id', type: 'int' },
    { name: 'origin', type: 'string' },
  ])
  await using sink = await openSink(database.url, {}, { errant: false })
  await assert.rejects(
    async () => sink.task.put(recordsOf(apple, [{ id: 1, weight: null, name: 'x' }])),
    /table Apple requires origin, and version 1 of schema com.shop.Apple has no such field/,
  )
})

test('a table that does not exist fails the task when none are to be created', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.create_table': 'false' })
  await assert.rejects(
    async () => sink.task.put(recordsOf(apple, [{ id: 1, weight: null, name: 'x' }])),
    (error) => codeOf(error) === 'connect' && /Table Apple does not exist/.test((error as Error).message),
  )
  assert.equal(await sink.commit(0), 0)
})

test('a batch is inserted as soon as it is full, and each table has its own', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.batch_size': '3' })
  const pear = schema.struct({ id: schema.int32() }, { name: 'Pear' })
  const records = Array.from({ length: 10 }, (_, at) =>
    at % 2 === 0
      ? recordsOf(apple, [{ id: at, weight: null, name: 'x' }], { from: at })
      : recordsOf(pear, [{ id: at }], { from: at }),
  ).flat()
  await sink.task.put(records)
  assert.equal(database.rows('Apple').length, 3)
  assert.equal(database.rows('Pear').length, 3)
  assert.equal(await sink.commit(10), 10)
  assert.equal(database.rows('Apple').length, 5)
  assert.equal(database.rows('Pear').length, 5)
})

test('rows are inserted before they fill the memory, those of one table and those of many', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  const value = { text: 'x'.repeat(1024 * 1024) }
  const large = (name: string, from: number, count: number) =>
    recordsOf(schema.struct({ text: schema.string() }, { name }), Array(count).fill(value), { from })
  await sink.task.put(large('one', 0, 4))
  assert.equal(database.rows('one').length, 4)
  for (let table = 0; table < 31; table++) await sink.task.put(large(`many${table}`, 4 + table * 3, 3))
  assert.deepEqual(database.rows('many0'), [])
  await sink.task.put(large('many31', 97, 3))
  assert.equal(database.rows('many0').length, 3)
  assert.equal(await sink.commit(100), 100)
})

test('records of many columns are inserted before they fill the memory, though their rows are small', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  const names = Array.from({ length: 900 }, (_, column) => `c${column}`)
  const fields = Object.fromEntries(names.map((name) => [name, schema.string({ optional: true })]))
  const sparse = (name: string, from: number) =>
    recordsOf(schema.struct(fields, { name }), Array(2000).fill({}), { from })
  await sink.task.put(sparse('one', 0))
  assert.deepEqual(database.rows('one'), [])
  await sink.task.put(sparse('two', 2000))
  assert.equal(database.rows('one').length, 2000)
  assert.equal(await sink.commit(4000), 4000)
})

test('records without a value are skipped and told of, and do not hold up the others', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put([
    ...recordsOf(apple, [{ id: 1, weight: null, name: 'x' }]),
    ...recordsOf(null, [null, null], { from: 1, key: 'k' }),
  ])
  assert.equal(await sink.commit(3), 3)
  assert.equal(database.rows('Apple').length, 1)
  assert.ok(sink.log.some((line) => /Skipped 2 records without a value.*partition 0, offset 1/.test(line)))
})

test('a topic with an own table is found by its place in topics, in whatever case', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, {
    topics: 'One,two',
    'kinetica.tables.destination_name': 'first, second',
    'kinetica.tables.single_table_per_topic': 'true',
  })
  await sink.task.put([
    ...recordsOf(apple, [{ id: 1, weight: null, name: 'x' }], { topic: 'one' }),
    ...recordsOf(apple, [{ id: 2, weight: null, name: 'x' }], { topic: 'two' }),
  ])
  assert.equal(await sink.commit(1, 'one'), 1)
  assert.deepEqual(
    [database.rows('first'), database.rows('second')].map((rows) => rows[0]?.['id']),
    [1, 2],
  )
})

test('with single_table_per_topic a topic has a table, with an underscore for each dot', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, {
    topics: 'a.b',
    'kinetica.tables.single_table_per_topic': 'true',
    'kinetica.tables.prefix': 'k_',
  })
  await sink.task.put(recordsOf(apple, [{ id: 1, weight: null, name: 'x' }], { topic: 'a.b' }))
  assert.equal(await sink.commit(1, 'a.b'), 1)
  assert.deepEqual(database.tables(), ['ki_home.k_a_b'])
})
