import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import type { ResponseOf } from '@isthmus/protocol'
import { apiVersions, fetch, heartbeat, listGroups, metadata, produce } from '@isthmus/protocol/apis'
import { KafkaError } from '../errors.ts'
import { allVersions, openScriptedServer, rawFrame, type ScriptedServer } from '../testing/scripted-server.ts'
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts'

const never = new AbortController().signal

async function connectTo(
  broker: ScriptedServer,
  settings: Partial<ConnectionSettings> = {},
): Promise<Connection & AsyncDisposable> {
  const connection = await openConnection(
    { host: '127.0.0.1', port: broker.port },
    {
      clientId: 'test',
      requestTimeoutMs: 5_000,
      setupTimeoutMs: 5_000,
      idleMs: -1,
      tls: null,
      authenticator: null,
      ...settings,
    },
    never,
  )
  return Object.assign(connection, {
    [Symbol.asyncDispose]: async () => connection.close(new KafkaError('CLOSED', 'test over')),
  })
}
const lastClosed = (broker: ScriptedServer) =>
  new Promise((resolve) => [...broker.sockets].at(-1)?.on('close', resolve))
const fault =
  (kafka: string, pattern = /(?:)/) =>
  (error: unknown) =>
    error instanceof KafkaError && error.kafka === kafka && pattern.test(error.message)

test('many requests may be under way, and each gets its own answer', async () => {
  await using broker = await openScriptedServer()
  broker.on(listGroups, (r) =>
    r.reply({ groups: [{ groupId: r.body.statesFilter[0] ?? '', protocolType: '' }] }),
  )
  await using connection = await connectTo(broker)
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => connection.request(listGroups, { statesFilter: [`group ${i}`] })),
  )
  assert.deepEqual(
    answers.map((a) => a.groups[0]?.groupId),
    answers.map((_, i) => `group ${i}`),
  )
  assert.equal(broker.connections, 1)
  assert.equal(connection.inFlight, 0)
})

test('a big answer arrives whole, and small ones behind it', async () => {
  await using broker = await openScriptedServer()
  const records = Buffer.alloc(9_000_001, 7)
  broker.on(fetch, (r) =>
    r.reply({ responses: [{ topic: 't', partitions: [{ partitionIndex: 0, highWatermark: 1, records }] }] }),
  )
  broker.on(heartbeat, (r) => r.reply({ errorCode: 27 }))
  await using connection = await connectTo(broker)
  const [big, small] = await Promise.all([
    connection.request(fetch, { topics: [] }, { maxVersion: 12 }),
    connection.request(heartbeat, {}),
  ])
  assert.ok(big.responses[0]?.partitions[0]?.records?.equals(records))
  assert.equal(small.errorCode, 27)
})

test('a broker that refuses our ApiVersions is asked again in a version it has', async () => {
  await using broker = await openScriptedServer()
  const versions: number[] = []
  broker.on(apiVersions, (r) => {
    versions.push(r.version)
    if (r.version <= 2) return r.reply({ apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 5 }] })
    // version 0: error code, one key with its versions
    const refusal = Buffer.from('002300000001001200000002', 'hex')
    r.socket.write(rawFrame(r.correlationId, refusal))
  })
  await using connection = await connectTo(broker)
  assert.deepEqual(versions, [4, 2])
  assert.equal(connection.versionOf(metadata), 5)
  assert.equal(connection.versionOf(metadata, 4), 4)
  assert.throws(
    () => connection.versionOf(produce),
    fault('UNSUPPORTED_VERSION', /Produce.*does not speak it/),
  )
  await assert.rejects(connection.request(produce, {}), fault('UNSUPPORTED_VERSION'))
})

test('a request without an answer in time closes the connection, since the order is lost', async () => {
  await using broker = await openScriptedServer()
  broker.on(listGroups, () => undefined)
  await using connection = await connectTo(broker)
  const late = connection.request(listGroups, {}, { timeoutMs: 20 })
  const behind = connection.request(listGroups, {})
  await assert.rejects(late, fault('TIMED_OUT', /did not answer ListGroups within 20 ms/))
  await assert.rejects(behind, fault('DISCONNECTED'))
  await assert.rejects(connection.request(listGroups, {}), fault('DISCONNECTED'))
  assert.ok(connection.closed)
})

test('an abandoned request rejects at once, and its late answer goes to nobody', async () => {
  await using broker = await openScriptedServer()
  const held: (() => void)[] = []
  broker.on(listGroups, (r) => {
    const answer = () => r.reply({ groups: [{ groupId: r.body.statesFilter[0] ?? '' }] })
    if (held.push(answer) === 2) for (const reply of held.splice(0)) reply()
  })
  broker.on(heartbeat, (r) => r.reply({}))
  await using connection = await connectTo(broker)
  const control = new AbortController()
  const first = connection.request(listGroups, { statesFilter: ['a'] }, { signal: control.signal })
  control.abort()
  await assert.rejects(first, fault('ABORTED'))
  const second = await connection.request(listGroups, { statesFilter: ['b'] })
  assert.equal(second.groups[0]?.groupId, 'b')
  const aborted = connection.request(listGroups, {}, { signal: AbortSignal.abort() })
  await assert.rejects(aborted, fault('ABORTED'))
  const { signal } = new AbortController()
  await connection.request(heartbeat, {}, { signal })
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('a produce request with acks=0 is done when it is sent', async () => {
  await using broker = await openScriptedServer()
  const arrived = Promise.withResolvers<number>()
  broker.on(produce, (r) => arrived.resolve(r.body.acks))
  broker.on(heartbeat, (r) => r.reply({}))
  await using connection = await connectTo(broker)
  const answer: ResponseOf<typeof produce> = await connection.request(produce, { acks: 0, timeoutMs: 1 })
  assert.deepEqual(answer.responses, [])
  assert.equal(await arrived.promise, 0)
  await connection.request(heartbeat, {})
})

test('a connection that nobody uses closes by itself, but not under a request', async () => {
  await using broker = await openScriptedServer()
  const held = Promise.withResolvers<() => void>()
  broker.on(listGroups, (r) => held.resolve(() => r.reply({})))
  await using connection = await connectTo(broker, { idleMs: 30 })
  const closed = lastClosed(broker)
  const request = connection.request(listGroups, {})
  const reply = await held.promise
  // another one, that began later and may be idle longer, is the clock
  await connectTo(broker, { idleMs: 60 })
  await lastClosed(broker)
  assert.equal(connection.closed, null)
  reply()
  await request
  await closed
  assert.ok(fault('DISCONNECTED', /was not used for 30 ms/)(connection.closed))
})

test('the end of the connection fails what is under way', async () => {
  await using broker = await openScriptedServer()
  broker.on(listGroups, (r) => r.socket.end())
  await using connection = await connectTo(broker)
  const requests = [connection.request(listGroups, {}), connection.request(listGroups, {})]
  for (const outcome of await Promise.allSettled(requests)) {
    assert.equal(outcome.status, 'rejected')
    assert.ok(fault('DISCONNECTED', /set security.protocol/)(outcome.reason))
  }
})

test('nobody there, nobody answering, and giving up while connecting', async () => {
  const broker = await openScriptedServer()
  broker.on(apiVersions, () => undefined)
  await assert.rejects(connectTo(broker, { requestTimeoutMs: 20 }), fault('TIMED_OUT', /ApiVersions/))
  const { port } = broker
  const settings = {
    clientId: '',
    requestTimeoutMs: 1e6,
    setupTimeoutMs: 1e6,
    idleMs: -1,
    tls: null,
    authenticator: null,
  }
  const control = new AbortController()
  const opening = openConnection({ host: '127.0.0.1', port }, settings, control.signal)
  control.abort()
  await assert.rejects(opening, fault('ABORTED'))
  await broker[Symbol.asyncDispose]()
  await assert.rejects(
    openConnection({ host: '127.0.0.1', port }, settings, never),
    fault('DISCONNECTED', /ECONNREFUSED/),
  )
  await assert.rejects(
    openConnection({ host: 'no-such-host.invalid', port }, settings, never),
    fault('DISCONNECTED', /no-such-host/),
  )
})

const hostile: { readonly [what: string]: (correlationId: number) => Buffer } = {
  'an answer to another request': (id) => rawFrame(id + 1, Buffer.from('000000000000000100', 'hex')),
  'an answer cut short': (id) => rawFrame(id, Buffer.of(0, 0, 0)),
  'an array longer than its frame': (id) => rawFrame(id, Buffer.from('0000000000000000fffffe0f', 'hex')),
  'a frame beyond all bounds': () => Buffer.from('7fffffff00', 'hex'),
  'a negative frame': () => Buffer.from('ffffffff00', 'hex'),
  'an empty frame': () => Buffer.from('00000000', 'hex'),
}
for (const [what, bytes] of Object.entries(hostile)) {
  test(`${what} ends the connection with MALFORMED`, async () => {
    await using broker = await openScriptedServer()
    broker.on(listGroups, (r) => r.socket.write(bytes(r.correlationId)))
    await using connection = await connectTo(broker)
    await assert.rejects(connection.request(listGroups, {}), fault('MALFORMED'))
    assert.ok(fault('MALFORMED')(connection.closed))
  })
}

test('an answer nobody asked for ends the connection', async () => {
  await using broker = await openScriptedServer()
  await using connection = await connectTo(broker)
  const closed = lastClosed(broker)
  for (const socket of broker.sockets) socket.write(rawFrame(1, Buffer.alloc(10)))
  await closed
  assert.ok(fault('MALFORMED', /none was due/)(connection.closed))
})

test('before negotiation only small frames are accepted', async () => {
  await using broker = await openScriptedServer()
  broker.on(apiVersions, (r) => r.socket.write(rawFrame(r.correlationId, Buffer.alloc(600_000))))
  await assert.rejects(connectTo(broker), fault('MALFORMED', /Frame of 600004 bytes/))
})

test('random bytes never crash or hang a client', async () => {
  await using broker = await openScriptedServer()
  let state = 12345
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state
  }
  broker.on(listGroups, (r) => {
    const noise = Buffer.from(Array.from({ length: (random() % 300) + 1 }, () => random() >> 16))
    const framed = random() % 2 === 0 ? rawFrame(r.correlationId, noise) : noise
    r.socket.end(framed)
  })
  for (let round = 0; round < 60; round++) {
    await using connection = await connectTo(broker)
    const outcome = await connection.request(listGroups, {}).catch((error: unknown) => error)
    if (outcome instanceof Error)
      assert.ok(fault('MALFORMED')(outcome) || fault('DISCONNECTED')(outcome), String(outcome))
  }
})

test('the versions of the broker, not ours alone, decide', async () => {
  await using broker = await openScriptedServer()
  const offered = allVersions().apiKeys?.map((k) => (k?.apiKey === 16 ? { ...k, maxVersion: 2 } : k)) ?? []
  broker.on(apiVersions, (r) => r.reply({ apiKeys: offered }))
  let version = -1
  broker.on(listGroups, (r) => {
    version = r.version
    r.reply({ groups: [] })
  })
  await using connection = await connectTo(broker)
  await connection.request(listGroups, { statesFilter: [] })
  assert.equal(version, 2)
})
