import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KineticaSource } from '@isthmus/connector-kinetica'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import { parseConfig, type SourceRecord } from '@isthmus/sdk'
import { sourceTaskContract } from '@isthmus/sdk/testing'
import { eventually } from '../process/eventually.ts'
import { callDatabase, createTable } from './database.ts'
import { openTask } from './task.ts'

async function orders(simulator: Simulator, table = 'orders'): Promise<void> {
  const [, schema] = /^(.+)\./.exec(table) ?? []
  if (schema !== undefined)
    await callDatabase(simulator.url, '/create/schema', { schema_name: schema, options: {} })
  await createTable(simulator.url, table, [
    { name: 'id', type: 'long' },
    { name: 'name', type: ['string', 'null'], properties: ['nullable'] },
  ])
}
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: BigInt(first + index), name: `row ${first + index}` }))
const propsOf = (simulator: Simulator, tables = 'orders', more = {}) => ({
  'kinetica.url': simulator.url,
  'kinetica.table_names': tables,
  ...more,
})
const ordered = { 'kinetica.order_column': 'id' }
const ids = (records: readonly SourceRecord[]) => records.map(({ value }) => (value as { id: bigint }).id)
const idsFrom = (first: number, count: number) => rowsFrom(first, count).map(({ id }) => id)

describe('a table that is followed', () => {
  it('gives a record for each row that is inserted from the start of the task on', async () => {
    await using simulator = await openSimulator()
    await createTable(simulator.url, 'all', [
      { name: 'b', type: 'bytes' },
      { name: 'd', type: 'double' },
      { name: 'f', type: 'float' },
      { name: 'i', type: 'int' },
      { name: 'l', type: 'long', properties: ['timestamp'] },
      { name: 's', type: ['string', 'null'], properties: ['nullable', 'char16'] },
    ])
    const row = { b: Uint8Array.of(0, 255), d: 0.1, f: 1.5, i: -3, l: 2n ** 40n, s: null }
    await simulator.insert('all', [row])
    await using task = await openTask(
      propsOf(simulator, 'all', { 'kinetica.topic_prefix': 'from-', 'kinetica.kafka_schema_version': '7' }),
    )
    await simulator.insert('all', [row, { ...row, s: 'text' }])
    const [first, second] = await task.read(2)
    const field = (name: string, type: string, optional = false) => ({ name, schema: { type, optional } })
    assert.deepEqual(first, {
      topic: 'from-all',
      kafkaPartition: null,
      keySchema: { type: 'int64', optional: false },
      key: 0n,
      valueSchema: {
        type: 'struct',
        optional: false,
        name: 'all',
        version: 7,
        fields: [
          field('b', 'bytes'),
          field('d', 'float64'),
          field('f', 'float32'),
          field('i', 'int32'),
          field('l', 'int64'),
          field('s', 'string', true),
        ],
      },
      value: { ...row, b: Buffer.of(0, 255) },
      timestamp: null,
      headers: [],
      sourcePartition: { table: 'all' },
      sourceOffset: { record: 0 },
    })
    assert.deepEqual(
      [second?.key, second?.sourceOffset, (second?.value as { s: string } | undefined)?.s],
      [1n, { record: 1 }, 'text'],
    )
    assert.equal(second?.valueSchema, first?.valueSchema, 'converters know a schema by its identity')
    assert.match(task.log[0] ?? '', /info Rows that are inserted into all from now on are read/)
  })

  it('misses nothing that is inserted once the task has started, in any table', async () => {
    await using simulator = await openSimulator()
    await orders(simulator, 's.one')
    await orders(simulator, 'two')
    for (let round = 0; round < 5; round++) {
      await using task = await openTask(propsOf(simulator, 's.one,two'))
      await simulator.insert('s.one', rowsFrom(0, 700))
      await simulator.insert('two', rowsFrom(1000, 700))
      const records = await task.read(1400)
      assert.deepEqual(ids(records.filter(({ topic }) => topic === 's.one')), idsFrom(0, 700))
      assert.deepEqual(ids(records.filter(({ topic }) => topic === 'two')), idsFrom(1000, 700))
    }
    assert.deepEqual(simulator.monitors.all(), [], 'a task that has ended leaves no monitor')
  })

  it('answers a poll with 1000 records at most, and reads on only when there is room', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await using task = await openTask(propsOf(simulator))
    for (let batch = 0; batch < 20; batch++) await simulator.insert('orders', rowsFrom(batch * 1000, 1000))
    const all: bigint[] = []
    while (all.length < 20_000) {
      const records = (await task.task.poll(AbortSignal.timeout(10_000))) ?? []
      assert.ok(records.length > 0 && records.length <= 1000, `${records.length} records`)
      all.push(...ids(records))
    }
    assert.deepEqual(all, idsFrom(0, 20_000))
  })

  it('is read by its new columns once it has been altered', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await using task = await openTask(propsOf(simulator))
    await simulator.insert('orders', rowsFrom(0, 1))
    await task.read(1)
    await callDatabase(simulator.url, '/alter/table/columns', {
      table_name: 'orders',
      column_alterations: [
        { action: 'add_column', column_name: 'more', column_type: 'int', column_properties: 'nullable' },
      ],
      options: {},
    })
    await simulator.insert('orders', [{ id: 1n, name: null, more: 5 }])
    const [record] = await task.read(1)
    assert.deepEqual(record?.value, { id: 1n, name: null, more: 5 })
    assert.equal(record?.key, 1n)
  })

  it('fails the task, by its name, when rows are of no type that it has', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await orders(simulator, 'other')
    await using task = await openTask(propsOf(simulator, 'other,orders'))
    await simulator.insert('other', rowsFrom(0, 2))
    await simulator.monitors.publishRaw('orders', [Buffer.from('no row')])
    const failure = await task.failure()
    assert.match(failure.message, /^Could not follow table orders: /)
    assert.equal((failure as { code?: string }).code, 'connect')
  })

  const interruptions: readonly (readonly [string, (simulator: Simulator) => Promise<unknown>])[] = [
    ['the database has forgotten its monitor', async (simulator) => simulator.monitors.lose('orders')],
    [
      'the database has started again',
      async (simulator) => {
        await simulator.stop()
        await simulator.start()
      },
    ],
    ['monitors are published elsewhere', (simulator) => simulator.monitors.move()],
  ]
  for (const [name, interrupt] of interruptions) {
    it(`is followed again when ${name}, and the log says that rows may be missing`, async () => {
      await using simulator = await openSimulator()
      await orders(simulator)
      await using task = await openTask(propsOf(simulator))
      await simulator.insert('orders', rowsFrom(0, 3))
      assert.equal((await task.read(3)).length, 3)
      await interrupt(simulator)
      await eventually('the new monitor', () =>
        task.log.some((line) => /Can follow table orders again/.test(line)),
      )
      await simulator.insert('orders', rowsFrom(10, 2))
      const records = await task.read(2)
      assert.deepEqual(ids(records), idsFrom(10, 2))
      assert.deepEqual(
        records.map(({ key }) => key),
        [3n, 4n],
      )
      assert.ok(
        task.log.some((line) => /^warn Table orders is followed by a new monitor: rows .* missed/.test(line)),
      )
      assert.equal(simulator.monitors.all().length, 1)
    })
  }

  it('keeps a monitor that is silent because nothing is inserted', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await using task = await openTask(propsOf(simulator), { timings: { monitorIdle: 10 } })
    await eventually('checks', () => simulator.requests.count('/show/tablemonitors') > 5)
    assert.equal(simulator.requests.count('/create/tablemonitor'), 1)
    await simulator.insert('orders', rowsFrom(0, 1))
    assert.equal((await task.read(1)).length, 1)
  })
})

describe('a task that starts', () => {
  it('fails with what is wrong with a table', async () => {
    await using simulator = await openSimulator()
    await orders(simulator, 's.orders')
    for (const more of [{}, { 'kinetica.order_column': 'id' }]) {
      await using missing = await openTask(propsOf(simulator, 's.orders,nowhere', more))
      assert.match((await missing.failure()).message, /table nowhere: .*nowhere/)
      await using schema = await openTask(propsOf(simulator, 's', more))
      assert.match((await schema.failure()).message, /s is a schema of Kinetica \(a collection\)/)
    }
    assert.deepEqual(simulator.monitors.all(), [])
  })

  it('fails when the credentials are not accepted', async () => {
    await using simulator = await openSimulator({ user: 'u', password: 'p' })
    await using wrong = await openTask(propsOf(simulator, 'orders', { 'kinetica.username': 'u' }))
    assert.match((await wrong.failure()).message, /table orders: .*401.*kinetica.username/)
  })

  it('waits for a database that cannot be reached, and says so', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await simulator.stop()
    await using task = await openTask(propsOf(simulator))
    assert.ok(
      task.log.some((line) => /^warn Could not follow table orders, trying again in 20 ms/.test(line)),
    )
    await simulator.start()
    await simulator.monitors.subscribed('orders')
    await eventually('the monitor', () => task.log.some((line) => /Can follow table orders again/.test(line)))
    await simulator.insert('orders', rowsFrom(0, 1))
    assert.equal((await task.read(1)).length, 1)
  })
})

describe('a table that is read by a column', () => {
  it('is read from its first row on, and wakes for each that is inserted', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await simulator.insert('orders', rowsFrom(0, 2500).toReversed())
    await using task = await openTask(propsOf(simulator, 'orders', ordered))
    const records = await task.read(2500)
    assert.deepEqual(ids(records), idsFrom(0, 2500))
    assert.deepEqual(Object.keys(records[7]?.sourceOffset ?? {}), [
      'record',
      'column',
      'value',
      'rows',
      'digest',
    ])
    assert.deepEqual(records[7]?.sourceOffset, {
      ...records[7]?.sourceOffset,
      record: 7,
      column: 'id',
      value: '7',
      rows: 1,
    })
    await simulator.monitors.subscribed('orders')
    await simulator.insert('orders', rowsFrom(3000, 3))
    assert.deepEqual(ids(await task.read(3)), idsFrom(3000, 3))
  })

  it('goes on behind the row of a stored offset, also over what was inserted meanwhile', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await simulator.insert('orders', rowsFrom(0, 10))
    await using before = await openTask(propsOf(simulator, 'orders', ordered))
    const offset = (await before.read(10))[5]?.sourceOffset ?? {}
    await before[Symbol.asyncDispose]()
    await simulator.insert('orders', rowsFrom(10, 10))
    await using after = await openTask(propsOf(simulator, 'orders', ordered), {
      stored: [[{ table: 'orders' }, offset]],
    })
    const records = await after.read(14)
    assert.deepEqual(ids(records), idsFrom(6, 14))
    assert.deepEqual(records[0]?.key, 6n)
  })

  it('loses nothing when the database goes away and comes back, and nothing with its monitor', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await using task = await openTask(propsOf(simulator, 'orders', ordered), {
      timings: { lookBesideMonitor: 200 },
    })
    await simulator.insert('orders', rowsFrom(0, 5))
    await task.read(5)
    simulator.monitors.mute()
    await simulator.insert('orders', rowsFrom(5, 5))
    assert.deepEqual(ids(await task.read(5)), idsFrom(5, 5), 'it looks from time to time')
    simulator.monitors.speak()
    await simulator.stop()
    await simulator.start()
    await simulator.insert('orders', rowsFrom(10, 5))
    assert.deepEqual(ids(await task.read(5)), idsFrom(10, 5))
    simulator.faults.inject({ endpoint: '/get/records', times: 3, action: { kind: 'status', status: 503 } })
    simulator.faults.inject({ endpoint: '/get/records', times: 1, action: { kind: 'cut' } })
    await simulator.insert('orders', rowsFrom(15, 5))
    assert.deepEqual(ids(await task.read(5)), idsFrom(15, 5))
    assert.ok(task.log.some((line) => /^info Can read table orders again/.test(line)))
  })

  it('is read by time alone where the database has no monitors', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    simulator.faults.inject({
      endpoint: '/show/system/properties',
      action: { kind: 'error', message: 'no monitors today' },
    })
    await using task = await openTask(propsOf(simulator, 'orders', ordered))
    await simulator.insert('orders', rowsFrom(0, 5))
    assert.deepEqual(ids(await task.read(5)), idsFrom(0, 5))
    assert.ok(task.log.some((line) => /^warn Table orders is looked at every 50 ms/.test(line)))
    assert.equal(simulator.monitors.all().length, 0)
  })

  it('by texts and by days, and in pages that its rows fill', async () => {
    await using simulator = await openSimulator()
    await createTable(simulator.url, 'days', [
      { name: 'day', type: 'string', properties: ['date'] },
      { name: 'blob', type: 'bytes' },
    ])
    const days = Array.from({ length: 40 }, (_, day) =>
      new Date(Date.UTC(2026, 0, 1 + (day >> 1))).toISOString().slice(0, 10),
    )
    for (const day of days) await simulator.insert('days', [{ day, blob: Buffer.alloc(1 << 20, day) }])
    await using task = await openTask(propsOf(simulator, 'days', { 'kinetica.order_column': 'day' }))
    const records = await task.read(40)
    assert.deepEqual(
      records.map(({ value }) => (value as { day: string }).day),
      days,
    )
  })

  it('refuses to go on by another column than before, and a column that is none', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await assert.rejects(
      openTask(propsOf(simulator, 'orders', ordered), {
        stored: [[{ table: 'orders' }, { record: 1, column: 'name', value: 'x' }]],
      }),
      /stored offset of table orders is a value of column name, and kinetica.order_column is id/,
    )
    await using none = await openTask(propsOf(simulator, 'orders', { 'kinetica.order_column': 'nothing' }))
    assert.match((await none.failure()).message, /Table orders has no column nothing/)
  })

  it('starts from its first row where the offset is one of following', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    await simulator.insert('orders', rowsFrom(0, 2))
    await using task = await openTask(propsOf(simulator, 'orders', ordered), {
      stored: [[{ table: 'orders' }, { record: 41 }]],
    })
    assert.deepEqual(ids(await task.read(2)), idsFrom(0, 2))
  })
})

describe('the contract of a source task', () => {
  let simulator: Simulator
  before(async () => {
    simulator = await openSimulator()
    await orders(simulator)
    await simulator.insert('orders', [...rowsFrom(0, 4), ...rowsFrom(2, 4)])
  })
  after(() => simulator[Symbol.asyncDispose]())
  const contract = sourceTaskContract({
    open: (context) =>
      KineticaSource.task(parseConfig(KineticaSource.config, propsOf(simulator, 'orders', ordered)), context),
    count: 8,
  })
  for (const { name, run } of contract) it(name, run)
})
