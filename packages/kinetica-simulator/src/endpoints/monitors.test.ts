import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Subscriber } from 'zeromq'
import { parseType } from '../columns/record-type.ts'
import { readRow } from '../columns/row-bytes.ts'
import { openSimulator, type Simulator } from '../simulator.ts'
import { ask, createTable, insert } from '../testing/ask.ts'

interface Listener extends Disposable {
  /** The next message: its rows, in the type that the monitor was answered with. */
  readonly next: () => Promise<readonly unknown[]>
}

/** Creates a monitor of table `t`, and subscribes to it. */
async function listen(simulator: Simulator, options: object): Promise<Listener> {
  const answer = await ask(simulator, '/create/tablemonitor', { table_name: 't', options })
  const { columns } = parseType(String(answer['type_schema']), '', {})
  const topic = String(answer['topic_id'])
  const socket = new Subscriber({ linger: 0, receiveTimeout: 10_000 })
  socket.connect(`tcp://127.0.0.1:${simulator.monitorPort()}`)
  socket.subscribe(topic)
  await simulator.monitors.subscribed('t', topic)
  return {
    async next() {
      const [first, ...frames] = await socket.receive()
      assert.equal(first?.toString(), topic)
      return frames.map((frame) => readRow(columns, frame))
    },
    [Symbol.dispose]: () => socket.close(),
  }
}

async function withTable(): Promise<Simulator> {
  const simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'int primary_key', name: 'string nullable' })
  return simulator
}

const upsert = { update_on_existing_pk: 'true' }

test('inserts are published with their rows, updates and deletions with their count', async () => {
  await using simulator = await withTable()
  using inserts = await listen(simulator, { event: 'insert' })
  using updates = await listen(simulator, { event: 'update' })
  using deletions = await listen(simulator, { event: 'delete' })
  await insert(simulator, 't', [{ id: 1, name: 'one' }, { id: 2 }])
  assert.deepEqual(await inserts.next(), [
    [1, 'one'],
    [2, null],
  ])
  await insert(simulator, 't', [{ id: 1 }, { id: 2 }, { id: 3 }], upsert)
  assert.deepEqual(await inserts.next(), [[3, null]])
  assert.deepEqual(await updates.next(), [[2n]])
  await ask(simulator, '/delete/records', { table_name: 't', expressions: ['id < 3'] })
  assert.deepEqual(await deletions.next(), [[2n]])
})

test('a monitor with an expression publishes the rows that satisfy it', async () => {
  await using simulator = await withTable()
  using inserts = await listen(simulator, { expression: 'id > 1' })
  await insert(simulator, 't', [{ id: 1 }])
  await simulator.insert('t', [{ id: 2, name: 'two' }, { id: 0 }])
  assert.deepEqual(await inserts.next(), [[2, 'two']])
})

test('messages are dropped while the monitors are mute', async () => {
  await using simulator = await withTable()
  using inserts = await listen(simulator, {})
  simulator.monitors.mute(1)
  for (const id of [1, 2]) await insert(simulator, 't', [{ id }])
  simulator.monitors.mute()
  await insert(simulator, 't', [{ id: 3 }])
  simulator.monitors.speak()
  await insert(simulator, 't', [{ id: 4 }])
  assert.deepEqual([await inserts.next(), await inserts.next()], [[[2, null]], [[4, null]]])
})

test('the publisher moves to another port, which the properties tell', async () => {
  await using simulator = await withTable()
  const before = simulator.monitorPort()
  await simulator.monitors.move()
  assert.notEqual(simulator.monitorPort(), before)
  const { property_map } = await ask(simulator, '/show/system/properties', {
    options: { properties: 'conf.set_monitor_port' },
  })
  assert.deepEqual(property_map, { 'conf.set_monitor_port': String(simulator.monitorPort()) })
  using inserts = await listen(simulator, {})
  await insert(simulator, 't', [{ id: 1 }])
  assert.deepEqual(await inserts.next(), [[1, null]])
})

test('monitors are shown until they are cleared', async () => {
  await using simulator = await withTable()
  const options = { monitor_id: 'mine', event: 'update' }
  await ask(simulator, '/create/tablemonitor', { table_name: 't', options })
  await assert.rejects(
    ask(simulator, '/create/tablemonitor', { table_name: 't', options }),
    /'mine' already exists/,
  )
  const shown = await ask(simulator, '/show/tablemonitors', { monitor_ids: [] })
  assert.deepEqual(
    [shown['monitor_ids'], shown['table_names'], shown['events']],
    [['mine'], ['ki_home.t'], ['update']],
  )
  await ask(simulator, '/clear/tablemonitor', { topic_id: 'mine' })
  await assert.rejects(ask(simulator, '/clear/tablemonitor', { topic_id: 'mine' }), /'mine' does not exist/)
  await assert.rejects(
    ask(simulator, '/show/tablemonitors', { monitor_ids: ['mine'] }),
    /'mine' does not exist/,
  )
})

test('a monitor that is suspended publishes nothing until it is resumed', async () => {
  await using simulator = await withTable()
  using inserts = await listen(simulator, { monitor_id: 'mine' })
  const alter = (monitor_updates_map: object, topic_id = 'mine') =>
    ask(simulator, '/alter/tablemonitor', { topic_id, monitor_updates_map })
  const statuses = async () => (await ask(simulator, '/show/tablemonitors', { monitor_ids: [] }))['statuses']
  await alter({ notifications: 'suspend' })
  assert.deepEqual(await statuses(), ['suspended'])
  await insert(simulator, 't', [{ id: 1 }])
  await alter({ notifications: 'resume' })
  assert.deepEqual(await statuses(), ['running'])
  await insert(simulator, 't', [{ id: 2 }])
  assert.deepEqual(await inserts.next(), [[2, null]])
  await assert.rejects(alter({ notifications: 'resume' }, 'other'), /'other' does not exist/)
  await assert.rejects(alter({ notifications: 'shout' }), /Invalid notifications 'shout'/)
  await assert.rejects(alter({ schema_name: 's' }), /Update of 'schema_name' is not supported/)
})

test('a monitor of a table that is missing, or of no event, is refused', async () => {
  await using simulator = await withTable()
  const create = (table_name: string, options: object) =>
    ask(simulator, '/create/tablemonitor', { table_name, options })
  await assert.rejects(create('nix', {}), /Table 'nix' does not exist/)
  await assert.rejects(create('t', { event: 'look' }), /Invalid event 'look'/)
  await assert.rejects(create('t', { increasing_column: 'nix' }), /Column 'nix' does not exist/)
  await assert.rejects(create('t', { refresh_method: 'periodic' }), /Unsupported refresh_method 'periodic'/)
})
