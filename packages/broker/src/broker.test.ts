import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds, readBatches } from '@isthmus/protocol'
import * as apis from '@isthmus/protocol/apis'
import { type Broker, type BrokerOptions, openBroker } from './broker.ts'
import { batchOf, temporaryDirectory } from './testing/log-fixture.ts'
import { openRawClient, type RawClient } from './testing/raw-client.ts'

async function open(options: Partial<BrokerOptions> = {}) {
  const stack = new AsyncDisposableStack()
  const directory = stack.use(temporaryDirectory())
  const broker = stack.use(await openBroker({ dataDir: directory.path, ...options }))
  const client = stack.use(await openRawClient(broker.port, 'test'))
  return { broker, client, directory, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
const create = (client: RawClient, name: string, configs: Record<string, string> = {}, partitions = 1) =>
  client.call(apis.createTopics, 7, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
  })
const produce = async (client: RawClient, name: string, records: Buffer, acks = -1) => {
  const response = await client.call(apis.produce, 9, {
    acks,
    topicData: [{ name, partitionData: [{ index: 0, records }] }],
  })
  return response.responses[0]!.partitionResponses[0]!
}
const fetchRequest = (topic: string, fetchOffset: number, wait = { minBytes: 0, maxWaitMs: 0 }) => ({
  ...wait,
  isolationLevel: 0,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] }],
})
const fetch = async (
  client: RawClient,
  topic: string,
  offset: number,
  wait?: { minBytes: number; maxWaitMs: number },
) => {
  const response = await client.call(apis.fetch, 12, fetchRequest(topic, offset, wait))
  return response.responses[0]!.partitions[0]!
}

test('what was produced is fetched, also after a restart, under the same cluster id', async () => {
  await using first = await open()
  await create(first.client, 't', { 'retention.ms': '123456' })
  assert.equal((await produce(first.client, 't', batchOf([['k', 'v', Date.now()]]))).baseOffset, 0)
  const { clusterId } = first.broker
  await first.broker[Symbol.asyncDispose]()
  await using again = await openBroker({ dataDir: first.directory.path })
  await using client = await openRawClient(again.port)
  assert.equal(again.clusterId, clusterId)
  const fetched = await fetch(client, 't', 0)
  assert.equal(fetched.highWatermark, 1)
  assert.equal(readBatches(fetched.records!).length, 1)
  const described = await client.call(apis.describeConfigs, 4, {
    resources: [{ resourceType: 2, resourceName: 't', configurationKeys: ['retention.ms'] }],
  })
  assert.deepEqual(
    described.results[0]!.configs.map(({ value, configSource }) => [value, configSource]),
    [['123456', 1]],
  )
})

/** Resolves when the broker has the next fetch: what is sent after that comes behind it. */
function fetchArrived(broker: Broker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const interception = broker.intercept('Fetch', () => {
    interception[Symbol.dispose]()
    resolve()
    return undefined
  })
  return promise
}

test('a waiting fetch is answered by an append, and holds up its own connection only', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  await using consumer = await openRawClient(setup.broker.port)
  const arrived = fetchArrived(setup.broker)
  const waiting = fetch(consumer, 't', 0, { minBytes: 1, maxWaitMs: 30_000 })
  await arrived
  await produce(setup.client, 't', batchOf([['k', 'v', Date.now()]]))
  assert.equal(readBatches((await waiting).records!).length, 1)
  const empty = await fetch(consumer, 't', 1, { minBytes: 1, maxWaitMs: 5 })
  assert.equal(empty.records!.length, 0)
})

test('a waiting fetch is answered when its topic is deleted', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  await using consumer = await openRawClient(setup.broker.port)
  const arrived = fetchArrived(setup.broker)
  const waiting = fetch(consumer, 't', 0, { minBytes: 1, maxWaitMs: 30_000 })
  await arrived
  await setup.client.call(apis.deleteTopics, 5, { topicNames: ['t'] })
  assert.equal((await waiting).errorCode, errorIds.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(
    (await produce(setup.client, 't', batchOf([['k', 'v']]))).errorCode,
    errorIds.UNKNOWN_TOPIC_OR_PARTITION,
  )
  await create(setup.client, 't')
  assert.equal((await fetch(setup.client, 't', 0)).highWatermark, 0)
})

test('pipelined requests are answered in order', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  const waiting = setup.client.call(apis.fetch, 12, fetchRequest('t', 0, { minBytes: 1, maxWaitMs: 40 }))
  const order: string[] = []
  const both = [
    waiting.then(() => order.push('fetch')),
    setup.client.call(apis.apiVersions, 3, versions).then(() => order.push('versions')),
    setup.client.call(apis.metadata, 12, { topics: null }).then(() => order.push('metadata')),
  ]
  await Promise.all(both)
  assert.deepEqual(order, ['fetch', 'versions', 'metadata'])
})

const versions = { clientSoftwareName: 'test', clientSoftwareVersion: '1' }

test('says which versions it answers, in a form that any client can read', async () => {
  await using setup = await open()
  const answer = await setup.client.call(apis.apiVersions, 4, versions)
  const range = answer.apiKeys.find(({ apiKey }) => apiKey === 0)
  assert.deepEqual([range?.minVersion, range?.maxVersion], [0, 13])
  const frame = await setup.client.raw(Buffer.from('0000000a0012006300000007ffff', 'hex'), 7)
  // version 99 is answered in the format of version 0 (KIP-511)
  assert.equal(frame.readInt32BE(0), 7)
  assert.equal(frame.readInt16BE(4), errorIds.UNSUPPORTED_VERSION)
  const bad = await setup.client.call(apis.apiVersions, 3, {
    clientSoftwareName: ' ',
    clientSoftwareVersion: '1',
  })
  assert.equal(bad.errorCode, errorIds.INVALID_REQUEST)
})

test('a malformed, oversized or unknown request closes its connection with one line, and no other', async () => {
  const lines: string[] = []
  const log = { debug() {}, info() {}, warn: (line: string) => lines.push(line), error: assert.fail }
  await using setup = await open({ log })
  const frames = [
    '7fffffff00000000',
    'ffffffff',
    '00000002',
    '00000010000000097fffffff0001610000000000',
    '0000000a03e7000000000001ffff',
    '0000000a0003006300000001ffff',
    '0000000c0000000000000001ffff0000',
    '000000100003000100000001ffff7fffffff0000',
  ]
  for (const frame of frames) {
    await using hostile = await openRawClient(setup.broker.port)
    await assert.rejects(hostile.raw(Buffer.from(frame, 'hex'), 1), /closed/, frame)
  }
  assert.equal(lines.length, frames.length)
  assert.match(lines[0]!, /^Closing the connection from 127\.0\.0\.1:\d+: a request of 2147483647 bytes/)
  assert.equal((await setup.client.call(apis.metadata, 12, { topics: [] })).brokers.length, 1)
})

test('requests that arrive byte by byte are understood', async () => {
  await using setup = await open()
  const request = Buffer.from('0000000a0012000000000007ffff', 'hex')
  const answer = setup.client.raw(request.subarray(0, 1), 7)
  for (let at = 1; at < request.length; at++) setup.client.socket.write(request.subarray(at, at + 1))
  assert.equal((await answer).readInt32BE(0), 7)
})

test('acks=0 gets no answer; its failure closes the connection', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  const records = batchOf([['k', 'v', Date.now()]])
  void produce(setup.client, 't', records, 0).catch(() => {})
  await using other = await openRawClient(setup.broker.port)
  for (let end = 0, tries = 0; end === 0 && tries < 1000; tries++)
    end = (await fetch(other, 't', 0)).highWatermark
  assert.equal((await fetch(other, 't', 0)).highWatermark, 1)
  await assert.rejects(produce(other, 'unknown', records, 0), /closed/)
})

test('topics are made on demand only where that is allowed', async () => {
  await using setup = await open({ defaultPartitions: 3 })
  const ask = (name: string, allowAutoTopicCreation: boolean) =>
    setup.client.call(apis.metadata, 12, { topics: [{ name }], allowAutoTopicCreation })
  assert.equal((await ask('a', false)).topics[0]!.errorCode, errorIds.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal((await ask('a', true)).topics[0]!.partitions.length, 3)
  assert.equal((await ask('no/good', true)).topics[0]!.errorCode, errorIds.INVALID_TOPIC_EXCEPTION)
  await using strict = await open({ autoCreateTopics: false })
  const refused = await strict.client.call(apis.metadata, 12, { topics: [{ name: 'a' }] })
  assert.equal(refused.topics[0]!.errorCode, errorIds.UNKNOWN_TOPIC_OR_PARTITION)
})

test('refuses the topics that Kafka refuses', async () => {
  await using setup = await open()
  const codeOf = async (name: string, configs = {}, partitions = 1) =>
    (await create(setup.client, name, configs, partitions)).topics[0]!.errorCode
  assert.equal(await codeOf('a.b'), 0)
  assert.equal(await codeOf('a.b'), errorIds.TOPIC_ALREADY_EXISTS)
  assert.equal(await codeOf('a_b'), errorIds.INVALID_TOPIC_EXCEPTION)
  assert.equal(await codeOf('..'), errorIds.INVALID_TOPIC_EXCEPTION)
  assert.equal(await codeOf('x'.repeat(250)), errorIds.INVALID_TOPIC_EXCEPTION)
  assert.equal(await codeOf('x'.repeat(249)), 0)
  assert.equal(await codeOf('c', {}, 0), errorIds.INVALID_PARTITIONS)
  assert.equal(await codeOf('c', { 'no.such': '1' }), errorIds.INVALID_CONFIG)
  assert.equal(await codeOf('c', { 'cleanup.policy': 'shred' }), errorIds.INVALID_CONFIG)
  assert.equal(await codeOf('c', { toString: '1' }), errorIds.INVALID_CONFIG)
})

test('configs change one by one, and take effect', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  const change = async (name: string, configOperation: number, value: string | null) => {
    const { responses } = await setup.client.call(apis.incrementalAlterConfigs, 1, {
      resources: [{ resourceType: 2, resourceName: 't', configs: [{ name, configOperation, value }] }],
    })
    return responses[0]!.errorCode
  }
  assert.equal(await change('max.message.bytes', 0, '100'), 0)
  const big = batchOf([['k', 'x'.repeat(200), Date.now()]])
  assert.equal((await produce(setup.client, 't', big)).errorCode, errorIds.MESSAGE_TOO_LARGE)
  assert.equal(await change('max.message.bytes', 1, null), 0)
  assert.equal((await produce(setup.client, 't', big)).errorCode, 0)
  assert.equal(await change('cleanup.policy', 2, 'compact'), 0)
  const keyless = await produce(setup.client, 't', batchOf([[null, 'v', Date.now()]]))
  assert.equal(keyless.errorCode, errorIds.INVALID_RECORD)
  assert.deepEqual(
    keyless.recordErrors.map(({ batchIndex }) => batchIndex),
    [0],
  )
  assert.equal(await change('max.message.bytes', 2, '1'), errorIds.INVALID_CONFIG)
})

test('partitions grow; records before an offset are deleted; offsets are found', async () => {
  await using setup = await open()
  await create(setup.client, 't')
  const grow = (count: number) =>
    setup.client.call(apis.createPartitions, 3, { topics: [{ name: 't', count, assignments: null }] })
  assert.equal((await grow(1)).results[0]!.errorCode, errorIds.INVALID_PARTITIONS)
  assert.equal((await grow(4)).results[0]!.errorCode, 0)
  const now = Date.now()
  for (const time of [now, now + 10, now + 20]) await produce(setup.client, 't', batchOf([['k', 'v', time]]))
  const offsetAt = async (timestamp: number) => {
    const { topics } = await setup.client.call(apis.listOffsets, 7, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }],
    })
    return topics[0]!.partitions[0]!.offset
  }
  assert.deepEqual(
    [await offsetAt(-1), await offsetAt(-2), await offsetAt(-3), await offsetAt(now + 5)],
    [3, 0, 2, 1],
  )
  const deleted = await setup.client.call(apis.deleteRecords, 2, {
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 2 }] }],
  })
  assert.equal(deleted.topics[0]!.partitions[0]!.lowWatermark, 2)
  assert.equal(await offsetAt(-2), 2)
  assert.equal((await fetch(setup.client, 't', 1)).errorCode, errorIds.OFFSET_OUT_OF_RANGE)
})

test('an interceptor observes, answers in place of the broker, changes answers, and drops connections', async () => {
  await using setup = await open()
  const { broker, client } = setup
  await create(client, 't')
  const seen: string[] = []
  {
    using _watch = broker.intercept('Produce', ({ header, body }) => {
      seen.push(`${header.clientId} ${body.topicData[0].name}`)
      return undefined
    })
    await produce(client, 't', batchOf([['k', 'v', Date.now()]]))
    using _answer = broker.intercept('Produce', () => ({
      answer: { responses: [{ name: 't', partitionResponses: [{ index: 0, errorCode: 6 }] }] },
    }))
    assert.equal((await produce(client, 't', batchOf([['k', 'v', Date.now()]]))).errorCode, 6)
  }
  assert.deepEqual(seen, ['test t'])
  {
    using _lost = broker.intercept('Produce', () => ({ after: () => 'drop' as const }))
    await using victim = await openRawClient(broker.port)
    await assert.rejects(produce(victim, 't', batchOf([['k', 'v', Date.now()]])), /closed/)
  }
  assert.equal((await produce(client, 't', batchOf([['k', 'v', Date.now()]]))).baseOffset, 2)
  assert.throws(() => broker.intercept('Prodoce', () => undefined), /No API is called 'Prodoce'/)
})

test('an interceptor that is given twice ends once at a time', async () => {
  await using setup = await open()
  let asked = 0
  const count = () => {
    asked++
    return undefined
  }
  using _first = setup.broker.intercept('Metadata', count)
  setup.broker.intercept('Metadata', count)[Symbol.dispose]()
  await setup.client.call(apis.metadata, 12, { topics: [] })
  assert.equal(asked, 1)
})

test('frozen, it answers nothing; thawed, everything', async () => {
  await using setup = await open()
  setup.broker.freeze()
  let answered = false
  const answer = setup.client.call(apis.metadata, 12, { topics: [] }).then(() => {
    answered = true
  })
  await using probe = await openRawClient(setup.broker.port)
  probe.socket.end()
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(answered, false)
  setup.broker.thaw()
  await answer
})

test('closes at once, though clients wait', async () => {
  const setup = await open()
  await create(setup.client, 't')
  const waiting = fetch(setup.client, 't', 0, { minBytes: 1, maxWaitMs: 60_000 })
  const closed = (setup.broker as Broker)[Symbol.asyncDispose]()
  await assert.rejects(waiting, /closed/)
  await closed
  await setup[Symbol.asyncDispose]()
})

test('compacts on demand', async () => {
  await using setup = await open()
  await create(setup.client, 't', { 'cleanup.policy': 'compact' })
  for (let i = 0; i < 5; i++) await produce(setup.client, 't', batchOf([['k', `${i}`, Date.now()]]))
  await setup.broker.compact('t')
  const fetched = readBatches((await fetch(setup.client, 't', 0)).records!)
  assert.deepEqual(
    fetched.map(({ baseOffset }) => baseOffset),
    [4],
  )
})
