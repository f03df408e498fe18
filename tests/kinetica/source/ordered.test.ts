import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KineticaSource } from '@isthmus/connector-kinetica'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import { sourceContract } from '@isthmus/testkit'
import { createTable } from '../database.ts'
import { ids, idsFrom, ordered, orders, propsOf, rowsFrom } from './orders.ts'
import { openTask } from './task.ts'

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

  it('lets its task start beside so many others that their first rows fill the queue', async () => {
    await using simulator = await openSimulator()
    const tables = Array.from({ length: 60 }, (_, index) => `table_${index}`)
    for (const table of tables) {
      await orders(simulator, table)
      await simulator.insert(table, rowsFrom(0, 150))
    }
    await using task = await openTask(propsOf(simulator, tables.join(','), ordered))
    const records = await task.read(60 * 150)
    for (const table of tables)
      assert.deepEqual(ids(records.filter(({ topic }) => topic === table)), idsFrom(0, 150))
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

  it('without the rows that have no value in it', async () => {
    await using simulator = await openSimulator()
    await createTable(simulator.url, 'events', [
      { name: 'id', type: 'int' },
      { name: 'at', type: ['long', 'null'], properties: ['nullable', 'timestamp'] },
    ])
    await simulator.insert('events', [
      { id: 1, at: null },
      { id: 2, at: 1_700_000_000_000n },
      { id: 3, at: 1_700_000_000_000n },
    ])
    await using task = await openTask(propsOf(simulator, 'events', { 'kinetica.order_column': 'at' }))
    assert.deepEqual(
      (await task.read(2)).map(({ value }) => value),
      [
        { id: 2, at: 1_700_000_000_000n },
        { id: 3, at: 1_700_000_000_000n },
      ],
    )
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

describe('the contract of a source', () => {
  let simulator: Simulator
  before(async () => {
    simulator = await openSimulator()
    await orders(simulator)
    await simulator.insert('orders', [...rowsFrom(0, 4), ...rowsFrom(2, 4)])
  })
  after(() => simulator[Symbol.asyncDispose]())
  const contract = sourceContract({
    plugin: KineticaSource,
    source: () => ({ props: propsOf(simulator, 'orders', ordered) }),
    count: 8,
    async outage() {
      await simulator.stop()
      return { [Symbol.asyncDispose]: () => simulator.start() }
    },
  })
  for (const { name, run } of contract) it(name, run)
})
