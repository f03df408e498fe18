import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerOf } from '@isthmus/protocol'
import {
  fetch,
  findCoordinator,
  heartbeat,
  joinGroup,
  listGroups,
  metadata,
  offsetFetch,
} from '@isthmus/protocol/apis'
import { KafkaError } from '../errors.ts'
import { openScriptedServer, type ScriptedServer } from '../testing/scripted-server.ts'
import { openCluster } from './cluster.ts'

const fast = {
  'retry.backoff.ms': '2',
  'retry.backoff.max.ms': '5',
  'reconnect.backoff.ms': '1',
  'reconnect.backoff.max.ms': '5',
}
const clusterOf = (broker: ScriptedServer, props: { [name: string]: string } = {}) =>
  openCluster({ 'bootstrap.servers': broker.address, ...fast, ...props })
const fault =
  (kafka: string, pattern = /(?:)/) =>
  (error: unknown) =>
    error instanceof KafkaError && error.kafka === kafka && pattern.test(error.message)

interface Partition {
  leader?: number
  epoch?: number
}
const ID = 'a'.repeat(32)
/** Metadata of one broker and one partition a topic. */
function metadataOf(
  broker: ScriptedServer,
  topics: { readonly [name: string]: Partition | number },
  id = ID,
): AnswerOf<typeof metadata> {
  return {
    brokers: [{ nodeId: 1, host: '127.0.0.1', port: broker.port }],
    clusterId: 'c',
    controllerId: 1,
    topics: Object.entries(topics).map(([name, of]) => {
      if (typeof of === 'number') return { name, errorCode: of }
      const { leader = 1, epoch = 0 } = of
      return { name, topicId: id, partitions: [{ partitionIndex: 0, leaderId: leader, leaderEpoch: epoch }] }
    }),
  }
}
const namesOf = (body: { topics: readonly { name: string | null }[] | null }) =>
  (body.topics ?? []).map((t) => t.name ?? '')

test('look-ups made together share one request, and what is known is not asked again', async () => {
  await using broker = await openScriptedServer()
  const asked: string[][] = []
  broker.on(metadata, (r) => {
    asked.push(namesOf(r.body))
    r.reply(metadataOf(broker, Object.fromEntries(namesOf(r.body).map((n) => [n, {}]))))
  })
  await using cluster = clusterOf(broker)
  assert.equal(cluster.cached('a'), undefined)
  const [a, b] = await Promise.all([cluster.topic('a'), cluster.topic('b'), cluster.topic('a')])
  assert.deepEqual(asked, [['a', 'b']])
  assert.equal(cluster.cached('a'), a)
  assert.equal(await cluster.topic('b'), b)
  assert.equal(asked.length, 1)
})

test('what was declared stale is asked for again, and cached meanwhile', async () => {
  await using broker = await openScriptedServer()
  let leader = 1
  broker.on(metadata, (r) => r.reply(metadataOf(broker, { t: { leader, epoch: leader } })))
  await using cluster = clusterOf(broker)
  await cluster.topic('t')
  leader = 2
  cluster.refresh(['t'])
  assert.equal(cluster.cached('t')?.partitions[0]?.leader, 1)
  assert.equal((await cluster.topic('t')).partitions[0]?.leader, 2)
})

test('metadata grows stale with age', async () => {
  await using broker = await openScriptedServer()
  let answers = 0
  const third = Promise.withResolvers<void>()
  broker.on(metadata, (r) => {
    if (++answers === 3) third.resolve()
    r.reply(metadataOf(broker, { t: {} }))
  })
  await using cluster = clusterOf(broker, { 'metadata.max.age.ms': '10' })
  await cluster.topic('t')
  const looking = setInterval(() => cluster.cached('t'), 1)
  await third.promise
  clearInterval(looking)
})

test('a broker that lags behind does not lead back to a former leader, but a topic made anew begins anew', async () => {
  await using broker = await openScriptedServer()
  const states = [
    { of: { leader: 1, epoch: 5 }, id: ID },
    { of: { leader: 2, epoch: 4 }, id: ID },
    { of: { leader: 3, epoch: 0 }, id: 'b'.repeat(32) },
  ]
  broker.on(metadata, (r) => {
    const state = states.shift() ?? assert.fail('asked too often')
    r.reply(metadataOf(broker, { t: state.of }, state.id))
  })
  await using cluster = clusterOf(broker)
  const leaders: (number | undefined)[] = []
  for (let i = 0; i < 3; i++) {
    cluster.refresh(['t'])
    leaders.push((await cluster.topic('t')).partitions[0]?.leader)
  }
  assert.deepEqual(leaders, [1, 1, 3])
})

test('a missing topic is waited for, until time is over; a forbidden one is not', async () => {
  await using broker = await openScriptedServer()
  let asked = 0
  const creates: boolean[] = []
  broker.on(metadata, (r) => {
    creates.push(r.body.allowAutoTopicCreation)
    const [name = ''] = namesOf(r.body)
    if (name === 'late') r.reply(metadataOf(broker, { late: ++asked < 3 ? 3 : {} }))
    else r.reply(metadataOf(broker, { [name]: name === 'secret' ? 29 : 3 }))
  })
  await using cluster = clusterOf(broker)
  assert.equal((await cluster.topic('late', { create: true })).name, 'late')
  assert.deepEqual(creates, [true, true, true])
  await assert.rejects(
    cluster.topic('none', { timeoutMs: 500 }),
    fault('UNKNOWN_TOPIC_OR_PARTITION', /after 500 ms/),
  )
  await assert.rejects(cluster.topic('none', { timeoutMs: 0 }), fault('UNKNOWN_TOPIC_OR_PARTITION'))
  await assert.rejects(cluster.topic('secret'), fault('TOPIC_AUTHORIZATION_FAILED'))
  const control = new AbortController()
  const waiting = cluster.topic('none', { signal: control.signal })
  control.abort()
  await assert.rejects(waiting, fault('ABORTED'))
})

test('coordinators are found once, waited for, and found again when forgotten', async () => {
  await using broker = await openScriptedServer()
  let found = 0
  broker.on(metadata, (r) => r.reply(metadataOf(broker, {})))
  broker.on(findCoordinator, (r) => {
    found++
    const [key = ''] = r.body.coordinatorKeys
    const errorCode = found < 3 ? 15 : 0
    r.reply({
      coordinators: [{ key, nodeId: 1, host: '127.0.0.1', port: broker.port, errorCode, errorMessage: null }],
    })
  })
  broker.on(offsetFetch, (r) => r.reply({ groups: [] }))
  await using cluster = clusterOf(broker)
  const target = { to: 'coordinator', kind: 'group', key: 'g' } as const
  await Promise.all([cluster.request(offsetFetch, {}, target), cluster.request(offsetFetch, {}, target)])
  assert.equal(found, 3)
  cluster.forgetCoordinator('group', 'g')
  await cluster.request(offsetFetch, {}, target)
  assert.equal(found, 4)
  await cluster.request(offsetFetch, { requireStable: true }, target)
  assert.equal(found, 4)
  broker.on(offsetFetch, (r) => {
    broker.on(offsetFetch, (again) => again.reply({ groups: [] }))
    r.socket.destroy()
  })
  await cluster.retry(() => cluster.request(offsetFetch, {}, target))
  assert.equal(found, 5)
})

test('a long poll and a join hold up neither heartbeats nor metadata', async () => {
  await using broker = await openScriptedServer()
  const held: (() => void)[] = []
  broker.on(metadata, (r) => r.reply(metadataOf(broker, { t: {} })))
  broker.on(findCoordinator, (r) =>
    r.reply({
      coordinators: [{ key: '', nodeId: 1, host: '127.0.0.1', port: broker.port, errorMessage: null }],
    }),
  )
  broker.on(fetch, (r) => held.push(() => r.reply({})))
  broker.on(joinGroup, (r) => held.push(() => r.reply({})))
  broker.on(heartbeat, (r) => r.reply({ errorCode: 0 }))
  await using cluster = clusterOf(broker)
  const group = (key: string) => ({ to: 'coordinator', kind: 'group', key }) as const
  const polls = [
    cluster.request(fetch, {}, { to: 'leader', topic: 't', partition: 0 }, { lane: 'fetch 1' }),
    cluster.request(joinGroup, {}, group('a')),
  ]
  assert.equal((await cluster.request(heartbeat, {}, group('b'))).errorCode, 0)
  assert.equal((await cluster.nodes()).nodes.length, 1)
  while (held.length < 2) await cluster.nodes()
  for (const answer of held) answer()
  await Promise.all(polls)
})

test('a cluster begins again with bootstrap.servers when no broker it knows is there', async () => {
  await using broker = await openScriptedServer()
  let gone = 0
  broker.on(metadata, (r) => {
    const known = metadataOf(broker, { t: {} })
    r.reply(gone++ === 0 ? { ...known, brokers: [{ nodeId: 9, host: '127.0.0.1', port: 1 }] } : known)
  })
  await using cluster = clusterOf(broker)
  assert.deepEqual(
    (await cluster.nodes()).nodes.map((n) => n.id),
    [9],
  )
  broker.drop()
  const { nodes } = await cluster.retry((signal) => cluster.nodes(signal))
  assert.deepEqual(
    nodes.map((n) => n.id),
    [1],
  )
})

test('the next server is tried when one cannot be reached', async () => {
  await using broker = await openScriptedServer()
  broker.on(metadata, (r) => r.reply(metadataOf(broker, {})))
  const servers = `127.0.0.1:1,localhost:1,${broker.address}`
  for (let round = 0; round < 6; round++) {
    await using cluster = openCluster({ 'bootstrap.servers': servers, ...fast })
    assert.equal((await cluster.nodes()).clusterId, 'c')
  }
  await using lost = openCluster({ 'bootstrap.servers': '127.0.0.1:1', ...fast })
  await assert.rejects(lost.nodes(), fault('DISCONNECTED', /127.0.0.1:1 failed: .*ECONNREFUSED/))
})

test('a broker that comes back is found, after pauses that grow', async () => {
  const first = await openScriptedServer()
  const { port } = first
  await first[Symbol.asyncDispose]()
  const warnings: string[] = []
  await using cluster = openCluster(
    { 'bootstrap.servers': `127.0.0.1:${port}`, ...fast },
    {
      logs: () => ({
        debug: () => undefined,
        warn(message) {
          if (warnings.push(message) === 4) again.resolve()
        },
      }),
    },
  )
  const again = Promise.withResolvers<void>()
  const asking = cluster.retry(() => cluster.nodes())
  await again.promise
  await using back = await openScriptedServer(null, port)
  back.on(metadata, (r) => r.reply(metadataOf(back, {})))
  assert.equal((await asking).clusterId, 'c')
})

test('times longer than timers go mean very long, not none', async () => {
  await using broker = await openScriptedServer()
  broker.on(metadata, (r) => r.reply(metadataOf(broker, {})))
  const forever = '9223372036854775807'
  await using cluster = clusterOf(broker, {
    'socket.connection.setup.timeout.ms': forever,
    'connections.max.idle.ms': forever,
    'metadata.max.age.ms': forever,
    'request.timeout.ms': `${2 ** 31 - 1}`,
  })
  const { clusterId } = await cluster.retry(() => cluster.nodes(), { timeoutMs: Number.MAX_SAFE_INTEGER })
  assert.equal(clusterId, 'c')
})

test('retry goes on while errors are retriable, and no longer than its time', async () => {
  await using cluster = openCluster({ 'bootstrap.servers': '127.0.0.1:1', ...fast })
  let attempts = 0
  const settled = await cluster.retry(async () => {
    if (++attempts < 4) throw new KafkaError('DISCONNECTED', 'away')
    return 'done'
  })
  assert.equal(settled, 'done')
  assert.equal(attempts, 4)
  const fatal = new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'no')
  await assert.rejects(
    cluster.retry(() => Promise.reject(fatal)),
    fatal,
  )
  const away = () => Promise.reject(new KafkaError('DISCONNECTED', 'still away'))
  await assert.rejects(cluster.retry(away, { timeoutMs: 20 }), fault('TIMED_OUT', /20 ms: still away/))
  const hanging = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  await assert.rejects(cluster.retry(hanging, { timeoutMs: 20 }), fault('TIMED_OUT'))
  const control = new AbortController()
  const abandoned = cluster.retry(hanging, { signal: control.signal })
  control.abort()
  await assert.rejects(abandoned, fault('ABORTED'))
})

test('closing fails what is under way, and all that follows, with CLOSED', async () => {
  await using broker = await openScriptedServer()
  const arrived = Promise.withResolvers<void>()
  broker.on(listGroups, () => arrived.resolve())
  broker.on(metadata, () => undefined)
  const cluster = clusterOf(broker)
  const requests = [
    cluster.request(listGroups, {}, { to: 'any' }),
    cluster.topic('t'),
    cluster.retry(() => cluster.nodes()),
    cluster.request(listGroups, {}, { to: 'coordinator', kind: 'group', key: 'g' }),
  ]
  await arrived.promise
  await cluster[Symbol.asyncDispose]()
  requests.push(
    cluster.topic('u'),
    cluster.request(listGroups, {}, { to: 'any' }),
    cluster.retry(() => cluster.nodes()),
  )
  for (const outcome of await Promise.allSettled(requests)) {
    assert.equal(outcome.status, 'rejected')
    assert.ok(fault('CLOSED')(outcome.reason), String(outcome.reason))
  }
  await cluster[Symbol.asyncDispose]()
})
