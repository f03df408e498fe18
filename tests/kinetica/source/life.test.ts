import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { eventually } from '../../process/eventually.ts'
import { ordered, orders, propsOf, rowsFrom } from './orders.ts'
import { openTask } from './task.ts'

describe('a task that starts', () => {
  it('fails with what is wrong with a table', async () => {
    await using simulator = await openSimulator()
    await orders(simulator, 's.orders')
    for (const more of [{}, { 'kinetica.order_column': 'id' }]) {
      await using missing = await openTask(propsOf(simulator, 's.orders,nowhere', more))
      assert.match(
        (await missing.failure()).message,
        /table nowhere: Table nowhere does not exist at http.*: create it,/,
      )
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

describe('a task that ends', () => {
  it('gives up what it waits for when its signal aborts', async () => {
    for (const more of [{}, ordered]) {
      await using simulator = await openSimulator()
      await orders(simulator)
      const late = new AbortController()
      await using task = await openTask(propsOf(simulator, 'orders', more), { signal: late.signal })
      await simulator.monitors.subscribed('orders')
      simulator.faults.inject({ endpoint: '/clear/tablemonitor', action: { kind: 'hang' } })
      const ended = task.task[Symbol.asyncDispose]()
      await eventually('the last call', () => simulator.requests.count('/clear/tablemonitor') === 1)
      late.abort(new Error('too late'))
      await ended
      simulator.faults.clear()
    }
  })

  it('waits for no database that is away', async () => {
    await using simulator = await openSimulator()
    await orders(simulator)
    for (const more of [{}, ordered]) {
      await using task = await openTask(propsOf(simulator, 'orders', more), {
        timings: { retry: 3_600_000, longestRetry: 3_600_000 },
      })
      await simulator.monitors.subscribed('orders')
      await simulator.stop()
      await task.task[Symbol.asyncDispose]()
      await simulator.start()
    }
  })
})
