import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { BatchWriter, decodeRecords, errorIds, errorOf, NO_UUID, readBatches } from '@isthmus/protocol'
import * as apis from '@isthmus/protocol/apis'
import { openBroker } from '../broker.ts'
import { openRawClient, type RawClient } from '../testing/raw-client.ts'

const named = (errorCode: number) => (errorCode === 0 ? 'NONE' : errorOf(errorCode).name)

/** A broker on a directory of its own, with topic `t` of two partitions. */
async function start(t: TestContext, properties: Record<string, string> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-coordinators-'))
  const stack = new AsyncDisposableStack()
  t.after(async () => {
    await stack.disposeAsync()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const open = async () => {
    const broker = stack.use(await openBroker({ dataDir, properties }))
    const client = stack.use(await openRawClient(broker.port))
    return { broker, client }
  }
  const first = await open()
  await first.client.call(apis.createTopics, 7, {
    topics: [{ name: 't', numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5000,
  })
  return {
    ...first,
    async restart() {
      await first.client[Symbol.asyncDispose]()
      await first.broker[Symbol.asyncDispose]()
      return open()
    },
  }
}

async function joinGroup(client: RawClient, version: number, memberId = '') {
  return client.call(apis.joinGroup, version, {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId,
    protocolType: 'connect',
    protocols: [{ name: 'sessioned', metadata: Buffer.from(`v${version}`) }],
  })
}

test('a group lives through every version of its APIs', async (t) => {
  const { client } = await start(t)
  for (let version = 0; version <= 9; version++) {
    let joined = await joinGroup(client, version)
    if (version >= 4) {
      assert.equal(named(joined.errorCode), 'MEMBER_ID_REQUIRED')
      joined = await joinGroup(client, version, joined.memberId)
    }
    assert.equal(named(joined.errorCode), 'NONE')
    assert.equal(joined.leader, joined.memberId)
    assert.equal(joined.protocolName, 'sessioned')
    assert.equal(joined.members[0]?.metadata.toString(), `v${version}`)
    const { memberId, generationId } = joined
    const who = { groupId: 'g', memberId, generationId }
    const at = (last: number) => Math.min(version, last)
    const synced = await client.call(apis.syncGroup, at(5), {
      ...who,
      protocolType: 'connect',
      protocolName: 'sessioned',
      assignments: [{ memberId, assignment: Buffer.from('work') }],
    })
    assert.equal(synced.assignment.toString(), 'work')
    assert.equal((await client.call(apis.heartbeat, at(4), who)).errorCode, 0)
    const described = await client.call(apis.describeGroups, at(6), { groups: ['g', 'nowhere'] })
    const [group, unknown] = described.groups
    assert.equal(group?.groupState, 'Stable')
    assert.equal(group?.members[0]?.memberAssignment.toString(), 'work')
    assert.equal(group?.members[0]?.clientHost, '/127.0.0.1')
    assert.equal(unknown?.groupState, 'Dead')
    assert.equal(named(unknown?.errorCode ?? -1), version >= 6 ? 'GROUP_ID_NOT_FOUND' : 'NONE')
    const listed = await client.call(apis.listGroups, at(5), {})
    assert.deepEqual(
      listed.groups.map((g) => [g.groupId, g.protocolType]),
      [['g', 'connect']],
    )
    const leave = version < 3 ? { groupId: 'g', memberId } : { groupId: 'g', members: [{ memberId }] }
    assert.equal((await client.call(apis.leaveGroup, at(5), leave)).errorCode, 0)
    if (version < 3)
      assert.equal(named((await client.call(apis.leaveGroup, version, leave)).errorCode), 'UNKNOWN_MEMBER_ID')
  }
  const deleted = await client.call(apis.deleteGroups, 2, { groupsNames: ['g', 'nowhere'] })
  assert.deepEqual(
    deleted.results.map((r) => named(r.errorCode)),
    ['NONE', 'GROUP_ID_NOT_FOUND'],
  )
})

test('two members over two connections share a generation', async (t) => {
  const { broker, client } = await start(t)
  await using other = await openRawClient(broker.port)
  const a = await joinGroup(client, 9, (await joinGroup(client, 9)).memberId)
  const b = joinGroup(other, 9, (await joinGroup(other, 9)).memberId)
  const beat = { groupId: 'g', memberId: a.memberId, generationId: 1 }
  // the second request of `other` may be on its way still
  for (let i = 0; i < 1000; i++)
    if ((await client.call(apis.heartbeat, 4, beat)).errorCode === errorIds.REBALANCE_IN_PROGRESS) break
  const again = await joinGroup(client, 9, a.memberId)
  const joined = await b
  assert.deepEqual([again.generationId, joined.generationId], [2, 2])
  assert.deepEqual([again.leader, joined.leader], [a.memberId, a.memberId])
  assert.deepEqual([again.members.length, joined.members.length], [2, 0])
})

test('offsets are committed and fetched in every version, by name and by id, and survive a restart', async (t) => {
  const before = await start(t)
  const { client } = before
  const described = await client.call(apis.metadata, 12, { topics: [{ name: 't' }] })
  const topicId = described.topics[0]?.topicId ?? ''
  for (let version = 2; version <= 10; version++) {
    const partitions = [0, 9].map((partitionIndex) => ({
      partitionIndex,
      committedOffset: version,
      committedLeaderEpoch: 0,
      committedMetadata: `v${version}`,
    }))
    const topics = [{ ...(version < 10 ? { name: 't' } : { topicId }), partitions }]
    const committed = await client.call(apis.offsetCommit, version, { groupId: 'g', topics })
    assert.deepEqual(
      committed.topics[0]?.partitions.map((p) => named(p.errorCode)),
      ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
    )
    const fetched = await client.call(apis.offsetFetch, Math.min(version, 7), {
      groupId: 'g',
      topics: [{ name: 't', partitionIndexes: [0, 1] }],
    })
    assert.deepEqual(
      fetched.topics[0]?.partitions.map((p) => [p.committedOffset, p.metadata]),
      [
        [version, `v${version}`],
        [-1, ''],
      ],
    )
  }
  const unknown = await client.call(apis.offsetCommit, 10, {
    groupId: 'g',
    topics: [{ topicId: 'ab'.repeat(16), partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
  })
  assert.equal(named(unknown.topics[0]?.partitions[0]?.errorCode ?? 0), 'UNKNOWN_TOPIC_ID')

  const after = (await before.restart()).client
  for (const version of [8, 9, 10]) {
    const wanted = version < 10 ? { name: 't' } : { topicId }
    const { groups } = await after.call(apis.offsetFetch, version, {
      groups: [
        { groupId: 'g', topics: null },
        { groupId: 'g', topics: [{ ...wanted, partitionIndexes: [0, 1] }] },
        { groupId: 'nowhere', topics: null },
      ],
    })
    assert.deepEqual(
      groups.map((g) => g.topics.flatMap((x) => x.partitions.map((p) => p.committedOffset))),
      [[10], [10, -1], []],
    )
    assert.equal(groups[0]?.topics[0]?.topicId, version < 10 ? NO_UUID : topicId)
  }
  const deleted = await after.call(apis.offsetDelete, 0, {
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0 }, { partitionIndex: 7 }] }],
  })
  assert.deepEqual(
    deleted.topics[0]?.partitions.map((p) => named(p.errorCode)),
    ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
  )
})

test('the node coordinates groups and transactions, and nothing else', async (t) => {
  const { broker, client } = await start(t)
  for (let version = 0; version <= 6; version++) {
    const ask = (keyType: number) =>
      client.call(apis.findCoordinator, version, { key: 'x', keyType, coordinatorKeys: ['x', 'y'] })
    const found = await ask(version === 0 ? 0 : 1)
    const nodes = version >= 4 ? found.coordinators : [found]
    assert.deepEqual(
      nodes.map((n) => [n.nodeId, n.host, n.port, n.errorCode]),
      nodes.map(() => [1, '127.0.0.1', broker.port, 0]),
    )
    if (version === 0) continue
    const refused = await ask(2)
    const error = version >= 4 ? refused.coordinators[0]?.errorCode : refused.errorCode
    assert.equal(named(error ?? 0), 'INVALID_REQUEST')
  }
})

test('ACLs are disabled, as on an unsecured cluster', async (t) => {
  const { client } = await start(t)
  const filter = { resourceNameFilter: null, principalFilter: null, hostFilter: null }
  const described = await client.call(apis.describeAcls, 3, filter)
  const created = await client.call(apis.createAcls, 3, { creations: [{ resourceName: 't' }] })
  const deleted = await client.call(apis.deleteAcls, 3, { filters: [filter] })
  const errors = [described, created.results[0], deleted.filterResults[0]].map((r) =>
    named(r?.errorCode ?? 0),
  )
  assert.deepEqual(errors, ['SECURITY_DISABLED', 'SECURITY_DISABLED', 'SECURITY_DISABLED'])
})

interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}
async function produce(
  client: RawClient,
  version: number,
  producer: Producer,
  sequence: number,
  value: string,
) {
  const writer = new BatchWriter(1 << 20)
  writer.append(Date.now(), null, value, null)
  const records = writer.finish({ ...producer, baseSequence: sequence, transactional: true })
  const described = await client.call(apis.metadata, 12, { topics: [{ name: 't' }] })
  const name = version >= 13 ? { topicId: described.topics[0]?.topicId ?? '' } : { name: 't' }
  const { responses } = await client.call(apis.produce, version, {
    transactionalId: 'tx',
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ ...name, partitionData: [{ index: 0, records }] }],
  })
  return named(responses[0]?.partitionResponses[0]?.errorCode ?? -1)
}
async function readCommitted(client: RawClient): Promise<string[]> {
  const { responses } = await client.call(apis.fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 1 << 20,
    isolationLevel: 1,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }],
  })
  const partition = responses[0]?.partitions[0]
  const aborted = new Set<number>()
  const starts = [...(partition?.abortedTransactions ?? [])]
  const values: string[] = []
  for (const batch of readBatches(partition?.records ?? Buffer.alloc(0))) {
    for (const { producerId, firstOffset } of starts)
      if (firstOffset === batch.baseOffset) aborted.add(producerId)
    if (batch.control) aborted.delete(batch.producerId)
    else if (!aborted.has(batch.producerId))
      for (const { value } of decodeRecords(batch)) values.push(value?.toString() ?? '')
  }
  return values
}
const init = (client: RawClient) =>
  client.call(apis.initProducerId, 5, { transactionalId: 'tx', transactionTimeoutMs: 60_000 })
const end = (client: RawClient, version: number, producer: Producer, committed: boolean) =>
  client.call(apis.endTxn, version, { transactionalId: 'tx', ...producer, committed })

test('version 1 transactions: partitions are added first, and fenced producers are told so', async (t) => {
  const { client } = await start(t)
  const { producerId, producerEpoch } = await init(client)
  const producer = { producerId, producerEpoch }
  assert.equal(await produce(client, 9, producer, 0, 'stray'), 'INVALID_TXN_STATE')
  assert.equal(await produce(client, 11, producer, 0, 'stray'), 'TRANSACTION_ABORTABLE')
  const add = (name: string, partitions: number[]) =>
    client.call(apis.addPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: 'tx',
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name, partitions }],
    })
  const errorsOf = (answer: Awaited<ReturnType<typeof add>>) =>
    answer.resultsByTopicV3AndBelow[0]?.resultsByPartition.map((p) => named(p.partitionErrorCode))
  assert.deepEqual(errorsOf(await add('t', [0, 9])), [
    'OPERATION_NOT_ATTEMPTED',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ])
  assert.deepEqual(errorsOf(await add('t', [0])), ['NONE'])
  assert.equal(await produce(client, 9, producer, 0, 'one'), 'NONE')
  assert.deepEqual(await readCommitted(client), [])
  assert.equal((await end(client, 4, producer, true)).errorCode, 0)
  assert.deepEqual(await readCommitted(client), ['one'])

  await add('t', [0])
  assert.equal(await produce(client, 9, producer, 1, 'two'), 'NONE')
  assert.equal(named((await init(client)).errorCode), 'CONCURRENT_TRANSACTIONS')
  assert.equal((await init(client)).producerEpoch, 2)
  assert.equal(await produce(client, 9, producer, 2, 'late'), 'INVALID_PRODUCER_EPOCH')
  assert.deepEqual(errorsOf(await add('t', [0])), ['PRODUCER_FENCED'])
  assert.equal(named((await end(client, 4, producer, true)).errorCode), 'PRODUCER_FENCED')
  assert.equal(named((await end(client, 1, producer, true)).errorCode), 'INVALID_PRODUCER_EPOCH')
  assert.deepEqual(await readCommitted(client), ['one'])
})

test('version 2 transactions: producing adds the partition, ending bumps the epoch', async (t) => {
  const { client } = await start(t)
  const first = await init(client)
  assert.equal(await produce(client, 13, first, 0, 'one'), 'NONE')
  const second = await end(client, 5, first, true)
  assert.deepEqual([second.producerId, second.producerEpoch], [first.producerId, 1])
  assert.equal(await produce(client, 13, first, 1, 'late'), 'INVALID_PRODUCER_EPOCH')
  assert.equal(await produce(client, 13, second, 0, 'two'), 'NONE')
  const third = await end(client, 5, second, false)
  assert.equal(await produce(client, 12, third, 0, 'three'), 'NONE')
  await end(client, 5, third, true)
  assert.deepEqual(await readCommitted(client), ['one', 'three'])
})

test('offsets of a transaction wait for its end, over a restart too', async (t) => {
  const before = await start(t)
  const { producerId, producerEpoch } = await init(before.client)
  const producer = { producerId, producerEpoch }
  const commit = async (client: RawClient, version: number, committedOffset: number) => {
    const { topics } = await client.call(apis.txnOffsetCommit, version, {
      transactionalId: 'tx',
      groupId: 'g',
      ...producer,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset }] }],
    })
    return named(topics[0]?.partitions[0]?.errorCode ?? -1)
  }
  const fetched = async (client: RawClient) => {
    const { groups } = await client.call(apis.offsetFetch, 9, {
      requireStable: true,
      groups: [{ groupId: 'g', topics: [{ name: 't', partitionIndexes: [0] }] }],
    })
    const partition = groups[0]?.topics[0]?.partitions[0]
    return partition?.errorCode ? named(partition.errorCode) : partition?.committedOffset
  }
  assert.equal(await commit(before.client, 3, 5), 'INVALID_TXN_STATE')
  assert.equal(await commit(before.client, 4, 5), 'TRANSACTION_ABORTABLE')
  const added = await before.client.call(apis.addOffsetsToTxn, 4, {
    transactionalId: 'tx',
    groupId: 'g',
    ...producer,
  })
  assert.equal(named(added.errorCode), 'NONE')
  assert.equal(await commit(before.client, 3, 5), 'NONE')
  assert.equal(await fetched(before.client), 'UNSTABLE_OFFSET_COMMIT')

  const { client } = await before.restart()
  assert.equal(await fetched(client), 'UNSTABLE_OFFSET_COMMIT')
  assert.equal((await end(client, 4, producer, true)).errorCode, 0)
  assert.equal(await fetched(client), 5)
  assert.equal(await commit(client, 5, 6), 'NONE')
  assert.equal(await fetched(client), 'UNSTABLE_OFFSET_COMMIT')
  await end(client, 5, producer, false)
  assert.equal(await fetched(client), 5)
  const described = await client.call(apis.describeTransactions, 0, { transactionalIds: ['tx', 'nobody'] })
  assert.deepEqual(
    described.transactionStates.map((s) => s.transactionState || named(s.errorCode)),
    ['CompleteAbort', 'TRANSACTIONAL_ID_NOT_FOUND'],
  )
})

test('the producers of a partition are described', async (t) => {
  const { client } = await start(t)
  const producer = await init(client)
  await produce(client, 13, producer, 0, 'one')
  const { topics } = await client.call(apis.describeProducers, 0, {
    topics: [{ name: 't', partitionIndexes: [0, 9] }],
  })
  const [known, unknown] = topics[0]?.partitions ?? []
  const [active] = known?.activeProducers ?? []
  assert.deepEqual(
    [active?.producerId, active?.producerEpoch, active?.lastSequence, active?.currentTxnStartOffset],
    [producer.producerId, 0, 0, 0],
  )
  assert.equal(named(unknown?.errorCode ?? 0), 'UNKNOWN_TOPIC_OR_PARTITION')
})

test('a deleted topic takes its committed offsets with it', async (t) => {
  const { client } = await start(t)
  const topics = [
    { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: '' }] },
  ]
  await client.call(apis.offsetCommit, 9, { groupId: 'g', topics })
  await client.call(apis.deleteTopics, 6, { topics: [{ name: 't' }], timeoutMs: 5000 })
  const { groups } = await client.call(apis.offsetFetch, 9, { groups: [{ groupId: 'g', topics: null }] })
  assert.deepEqual(groups[0]?.topics, [])
})
