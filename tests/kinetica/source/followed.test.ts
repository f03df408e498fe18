import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import { eventually } from '../../process/eventually.ts'
import { callDatabase, createTable } from '../database.ts'
import { ids, idsFrom, orders, propsOf, rowsFrom } from './orders.ts'
import { openTask } from './task.ts'

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

  it('keeps a monitor that a database of old cannot be asked for', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    simulator.faults.inject({
      endpoint: '/show/tablemonitors',
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'status', status: 404 },
    })
    await using task = await openTask(propsOf(simulator), { timings: { monitorIdle: 1 } })
    for (let round = 0; round < 5; round++) {
      await simulator.insert('orders', rowsFrom(round, 1))
      assert.deepEqual(ids(await task.read(1)), idsFrom(round, 1))
    }
    assert.equal(simulator.requests.count('/create/tablemonitor'), 1)
    assert.equal(simulator.requests.count('/show/tablemonitors'), 1)
  })

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
