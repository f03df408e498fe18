import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Subscriber } from 'zeromq'
import { openSimulator, type Simulator } from './simulator.ts'

async function post(simulator: Simulator, endpoint: string, body: object): Promise<Response> {
  return fetch(`${simulator.url}${endpoint}`, { method: 'POST', body: JSON.stringify(body) })
}

async function answerOf(response: Response): Promise<{ readonly [field: string]: unknown }> {
  const { status, message, data_str } = (await response.json()) as { [field: string]: string }
  assert.equal(status, 'OK', message)
  return JSON.parse(data_str ?? '')
}

const insert = (simulator: Simulator, rows: readonly object[]): Promise<Response> =>
  fetch(`${simulator.url}/insert/records/json?table_name=t`, { method: 'POST', body: JSON.stringify(rows) })

function subscriberTo(simulator: Simulator): Disposable & { readonly socket: Subscriber } {
  const socket = new Subscriber({ linger: 0, receiveTimeout: 10_000 })
  socket.connect(`tcp://127.0.0.1:${simulator.monitorPort()}`)
  return { socket, [Symbol.dispose]: () => socket.close() }
}

test('a table comes about with its first rows, and is there for tests to look at', async () => {
  await using simulator = await openSimulator()
  const response = await insert(simulator, [
    { id: 1, name: 'one' },
    { id: 2, name: null },
  ])
  assert.equal(response.status, 200)
  assert.deepEqual(simulator.tables(), ['ki_home.t'])
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, name: 'one' },
    { id: 2, name: null },
  ])
  assert.equal(simulator.requests.count('/insert/records/json'), 1)
})

test('those without the credentials are answered with 401', async () => {
  await using simulator = await openSimulator({ user: 'u', password: 'p' })
  const ask = (authorization?: string): Promise<Response> =>
    fetch(`${simulator.url}/`, authorization === undefined ? {} : { headers: { authorization } })
  assert.equal((await ask()).status, 401)
  assert.equal((await ask(`Basic ${btoa('u:other')}`)).status, 401)
  const response = await ask(`Basic ${btoa('u:p')}`)
  assert.equal(await response.text(), 'Kinetica is running!')
})

test('a table monitor publishes rows, under its topic, until it is lost', async () => {
  await using simulator = await openSimulator()
  await insert(simulator, [{ id: 1 }])
  const { topic_id } = await answerOf(
    await post(simulator, '/create/tablemonitor', { table_name: 't', options: {} }),
  )
  using subscriber = subscriberTo(simulator)
  subscriber.socket.subscribe(String(topic_id))
  await simulator.monitors.subscribed('t')
  await insert(simulator, [{ id: 2 }, { id: 3 }])
  const frames = await subscriber.socket.receive()
  assert.deepEqual(
    frames.map((frame) => frame.toString('hex')),
    [Buffer.from(String(topic_id)).toString('hex'), '04', '06'],
  )
  assert.deepEqual(simulator.monitors.all(), [{ topic: topic_id, table: 'ki_home.t', event: 'insert' }])
  simulator.monitors.lose('t')
  assert.deepEqual(simulator.monitors.all(), [])
})

test('after a restart the ports and the tables are the same, and the monitors gone', async () => {
  await using simulator = await openSimulator()
  await insert(simulator, [{ id: 1 }])
  await post(simulator, '/create/tablemonitor', { table_name: 't', options: {} })
  const before = { url: simulator.url, monitorPort: simulator.monitorPort() }
  await simulator.stop()
  await assert.rejects(fetch(simulator.url), 'nothing answers while it is stopped')
  await simulator.start()
  assert.deepEqual({ url: simulator.url, monitorPort: simulator.monitorPort() }, before)
  assert.deepEqual(simulator.rows('t'), [{ id: 1 }])
  assert.deepEqual(simulator.monitors.all(), [])
})

test('requests fail as they are told to, and then no more', async () => {
  await using simulator = await openSimulator()
  await insert(simulator, [{ id: 1 }])
  const endpoint = '/insert/records/json'
  simulator.faults.inject({ endpoint, action: { kind: 'lose-answer' } })
  await assert.rejects(insert(simulator, [{ id: 2 }]))
  assert.equal(simulator.rows('t').length, 2, 'the rows are in although the answer is lost')
  simulator.faults.inject({ endpoint, action: { kind: 'cut' } })
  await assert.rejects(insert(simulator, [{ id: 3 }]))
  assert.equal(simulator.rows('t').length, 2, 'a request that is cut is not carried out')
  simulator.faults.inject({
    endpoint,
    after: 1,
    times: 2,
    action: { kind: 'error', message: 'busy', status: 500 },
  })
  const statuses: number[] = []
  for (const id of [4, 5, 6, 7]) statuses.push((await insert(simulator, [{ id }])).status)
  assert.deepEqual(statuses, [200, 500, 500, 200])
})
