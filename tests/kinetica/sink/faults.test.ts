import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, schema } from '@isthmus/sdk'
import { callDatabase, createTable } from '../database.ts'
import { openSimulator, openSink, recordsOf, type SinkUnderTest } from './rig.ts'

const apple = schema.struct({ id: schema.int32(), name: schema.string() }, { name: 'Apple', version: 1 })
const apples = (from: number, count: number) =>
  recordsOf(
    apple,
    Array.from({ length: count }, (_, at) => ({ id: from + at, name: `apple ${from + at}` })),
    { from },
  )
const insert = '/insert/records'
const retriable = (error: unknown) => codeOf(error) === 'retriable'
const range = (count: number) => Array.from({ length: count }, (_, at) => at)

/** What a worker does after a retriable failure: the same records again, until they are taken. */
async function putUntilTaken(sink: SinkUnderTest, records: ReturnType<typeof apples>): Promise<number> {
  for (let failures = 0; failures < 20; failures++) {
    try {
      await sink.task.put(records)
      return failures
    } catch (error) {
      assert.ok(retriable(error), String(error))
    }
  }
  throw new Error('never taken')
}

const unreachable = [
  { name: 'cuts the connection', action: { kind: 'cut' } },
  { name: 'answers 503', action: { kind: 'status', status: 503 } },
  { name: 'says that it is offline', action: { kind: 'error', message: 'Kinetica is offline' } },
] as const

for (const { name, action } of unreachable)
  test(`when the database ${name}, records are asked for again and stored once, in order`, async () => {
    await using database = await openSimulator()
    await using sink = await openSink(database.url, { 'kinetica.batch_size': '4' })
    database.faults.inject({ endpoint: insert, after: 1, times: 3, action })
    assert.equal(await putUntilTaken(sink, apples(0, 10)), 3)
    assert.equal(await sink.commit(10), 10)
    assert.deepEqual(
      database.rows('Apple').map(({ id }) => id),
      range(10),
    )
  })

test('an insert is tried as often as kinetica.retry_count says before records are asked for again', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, {
    'kinetica.batch_size': '2',
    'kinetica.retry_count': '3',
  })
  database.faults.inject({ endpoint: insert, times: 2, action: { kind: 'cut' } })
  assert.equal(await putUntilTaken(sink, apples(0, 2)), 0)
  assert.equal(database.rows('Apple').length, 2)
})

test('while the database is away nothing is committed that waits, and a commit later needs no records again', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put(apples(0, 3))
  assert.equal(await sink.commit(3), 3)
  await sink.task.put(apples(3, 2))
  await database.stop()
  assert.equal(await sink.commit(5), 3)
  await sink.task.put(apples(5, 1))
  assert.equal(await sink.commit(6), 3)
  await database.start()
  assert.equal(await sink.commit(6), 6)
  assert.deepEqual(
    database.rows('Apple').map(({ id }) => id),
    range(6),
  )
})

test('an insert whose answer is lost is done again: once with a primary key, twice without', async () => {
  for (const [properties, rows] of [
    [['primary_key'], 3],
    [[], 6],
  ] as const) {
    await using database = await openSimulator()
    await createTable(database.url, 'Apple', [
      { name: 'id', type: 'int', properties },
      { name: 'name', type: 'string' },
    ])
    await using sink = await openSink(database.url)
    await sink.task.put(apples(0, 3))
    database.faults.inject({ endpoint: insert, action: { kind: 'lose-answer' } })
    assert.equal(await sink.commit(3), 0)
    assert.equal(await sink.commit(3), 3)
    assert.equal(database.rows('Apple').length, rows)
  }
})

test('records that come again after others of the same partition were given up are taken', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.batch_size': '2' })
  await sink.task.put(apples(0, 1))
  database.faults.inject({ endpoint: insert, times: 1, action: { kind: 'cut' } })
  await assert.rejects(async () => sink.task.put(apples(1, 2)), retriable)
  // another task has the partition now, and then this one again
  await sink.task.close?.([{ topic: 't', partition: 0 }])
  assert.equal(await sink.commit(0), 0)
  assert.deepEqual(database.rows('Apple'), [])
  await sink.task.put(apples(0, 3))
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(
    database.rows('Apple').map(({ id }) => id),
    range(3),
  )
})

test('of partitions that stay, rows that wait are kept when others are given up', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put([
    ...apples(0, 2),
    ...recordsOf(apple, [{ id: 10, name: 'other' }], { kafkaPartition: 1 }),
    ...apples(2, 1),
  ])
  await sink.task.close?.([{ topic: 't', partition: 0 }])
  await sink.task.preCommit?.([])
  assert.deepEqual(database.rows('Apple'), [{ id: 10, name: 'other' }])
})

const small = [
  { name: 'id', type: 'int', properties: ['int8'] },
  { name: 'name', type: 'string', properties: ['char8'] },
]

test('rows that the database refuses are found and reported, and the others are in', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'Apple', small)
  await using sink = await openSink(database.url)
  await sink.task.put(
    recordsOf(apple, [
      { id: 1, name: 'short' },
      { id: 2, name: 'far too long for it' },
      { id: 300, name: 'big' },
      { id: 4, name: 'x' },
      { id: 5, name: 'also too long' },
    ]),
  )
  assert.equal(await sink.commit(5), 5)
  assert.deepEqual(
    database.rows('Apple').map(({ id }) => id),
    [1, 4],
  )
  assert.deepEqual(
    sink.context.errant.map(({ kafkaOffset }) => kafkaOffset),
    [2, 1, 4],
  )
})

test('without a place for bad records the first of them fails the task by its offset, and holds back the commit', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'Apple', small)
  await using sink = await openSink(database.url, {}, { errant: false })
  await sink.task.put(
    recordsOf(apple, [
      { id: 1, name: 'short' },
      { id: 2, name: 'far too long for it' },
      { id: 3, name: 'fine' },
    ]),
  )
  assert.equal(await sink.commit(3), 1)
  const stored = [{ id: 1, name: 'short' }]
  assert.deepEqual(database.rows('Apple'), stored, 'those behind it come again')
  const failed =
    /topic t, partition 0, offset 1 cannot be stored in Kinetica: table Apple does not take the row: .*char/i
  await assert.rejects(async () => sink.task.put([]), failed)
  assert.equal(await sink.commit(3), 1)
  assert.deepEqual(database.rows('Apple'), stored)
})

test('a failure shows a part of what the database says at length', async () => {
  await using database = await openSimulator()
  for (const message of ['no'.repeat(100_000), '']) {
    await using sink = await openSink(database.url)
    database.faults.inject({ endpoint: '/has/table', action: { kind: 'error', message } })
    await assert.rejects(
      async () => sink.task.put(apples(0, 1)),
      ({ message: shown }: Error) => {
        assert.match(shown, message === '' ? /refuses: it does not say why$/ : /refuses: (no)+…$/)
        return shown.length < 2500
      },
    )
  }
})

test('a table that the database refuses fails the task, with the record that names it', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await assert.rejects(
    async () => sink.task.put(recordsOf(null, [{ id: 1 }], { from: 7, key: 'no;table' })),
    /^ConnectError: The record of topic t, partition 0, offset 7 has no table that it can go to: .*no;table/,
  )
})

test('a value that its column cannot hold names field, value and column', async () => {
  await using database = await openSimulator()
  await createTable(database.url, 'Apple', small)
  await using sink = await openSink(database.url, {}, { errant: false })
  await assert.rejects(
    async () => sink.task.put(recordsOf(apple, [{ id: 300, name: 'x' }])),
    /topic t, partition 0, offset 0 .*field id is int64 '300', which does not fit column id \(int, int8/,
  )
})

test('a table that was altered behind the task is read again, and its rows made anew', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put(apples(0, 1))
  assert.equal(await sink.commit(1), 1)
  await sink.task.put(apples(1, 2))
  await callDatabase(database.url, '/alter/table/columns', {
    table_name: 'Apple',
    column_alterations: [
      {
        action: 'add_column',
        column_name: 'note',
        column_type: 'string',
        column_properties: 'nullable',
      },
    ],
    options: {},
  })
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(
    database.rows('Apple').map(({ id, note }) => [id, note]),
    range(3).map((id) => [id, null]),
  )
  assert.deepEqual(sink.context.errant, [])
})

test('a table that was dropped behind the task is created again', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put(apples(0, 1))
  assert.equal(await sink.commit(1), 1)
  await callDatabase(database.url, '/clear/table', { table_name: 'Apple', authorization: '', options: {} })
  await sink.task.put(apples(1, 2))
  assert.equal(await sink.commit(3), 3)
  assert.deepEqual(
    database.rows('Apple').map(({ id }) => id),
    [1, 2],
  )
})

test('credentials that are refused later fail the task, and nothing of what waits is committed', async () => {
  await using database = await openSimulator({ user: 'ann', password: 'secret' })
  await using sink = await openSink(database.url, {
    'kinetica.username': 'ann',
    'kinetica.password': 'secret',
  })
  await sink.task.put(apples(0, 1))
  assert.equal(await sink.commit(1), 1)
  await sink.task.put(apples(1, 1))
  database.faults.inject({ endpoint: insert, action: { kind: 'status', status: 401 } })
  assert.equal(await sink.commit(2), 1)
  await assert.rejects(async () => sink.task.put([]), /401.*kinetica\.username and kinetica\.password/)
})

test('wrong credentials fail the task at its first record', async () => {
  await using database = await openSimulator({ user: 'ann', password: 'secret' })
  await using sink = await openSink(database.url, { 'kinetica.username': 'ann' })
  await assert.rejects(
    async () => sink.task.put(apples(0, 1)),
    (error) => codeOf(error) === 'connect',
  )
})

test('a database that never answers is given up with the end of the task', async () => {
  await using database = await openSimulator()
  const abort = new AbortController()
  await using sink = await openSink(database.url, {}, { signal: abort.signal })
  database.faults.inject({ endpoint: '/has/table', action: { kind: 'hang' } })
  const put = sink.task.put(apples(0, 1))
  abort.abort()
  await assert.rejects(async () => put, { name: 'AbortError' })
})

test('kinetica.timeout ends the wait for an answer, and the records are asked for again', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url, { 'kinetica.timeout': '50' })
  database.faults.inject({ endpoint: '/has/table', action: { kind: 'hang' } })
  assert.equal(await putUntilTaken(sink, apples(0, 1)), 1)
  assert.equal(await sink.commit(1), 1)
})

test('rows of a table that was altered are made anew though the database is away in between', async () => {
  await using database = await openSimulator()
  await using sink = await openSink(database.url)
  await sink.task.put(apples(0, 1))
  assert.equal(await sink.commit(1), 1)
  await sink.task.put(apples(1, 2))
  const alter = (alteration: { readonly [option: string]: string }) =>
    callDatabase(database.url, '/alter/table/columns', {
      table_name: 'Apple',
      column_alterations: [alteration],
      options: {},
    })
  await alter({
    action: 'add_column',
    column_name: 'note',
    column_type: 'string',
    column_properties: 'nullable',
  })
  for (const endpoint of ['/has/table', '/show/table', insert]) {
    database.faults.inject({ endpoint, action: { kind: 'cut' } })
    assert.equal(await sink.commit(3), 1, `while ${endpoint} fails`)
  }
  await sink.task.put(apples(3, 1))
  assert.equal(await sink.commit(4), 4)
  assert.deepEqual(
    database.rows('Apple').map(({ id, note }) => [id, note]),
    range(4).map((id) => [id, null]),
  )
  assert.deepEqual(sink.context.errant, [])
})

test('records that no longer fit an altered table are reported, and without a place for them hold back the commit', async () => {
  for (const errant of [true, false]) {
    await using database = await openSimulator()
    await createTable(database.url, 'Apple', [
      { name: 'id', type: 'int' },
      { name: 'name', type: ['string', 'null'], properties: ['nullable'] },
    ])
    await using sink = await openSink(database.url, {}, { errant })
    const optional = schema.struct(
      { id: schema.int32(), name: schema.string({ optional: true }) },
      { name: 'Apple' },
    )
    await sink.task.put(
      recordsOf(optional, [
        { id: 0, name: 'a' },
        { id: 1, name: null },
        { id: 2, name: 'c' },
      ]),
    )
    await callDatabase(database.url, '/alter/table/columns', {
      table_name: 'Apple',
      column_alterations: [
        { action: 'change_column', column_name: 'name', column_type: 'string', column_properties: 'char8' },
      ],
      options: {},
    })
    assert.equal(await sink.commit(3), errant ? 3 : 0)
    assert.deepEqual(
      database.rows('Apple').map(({ id }) => id),
      errant ? [0, 2] : [],
    )
    assert.deepEqual(
      sink.context.errant.map(({ kafkaOffset }) => kafkaOffset),
      errant ? [1] : [],
    )
    if (!errant)
      await assert.rejects(async () => sink.task.put([]), /offset 1 .*field name is null, and column name/)
  }
})
