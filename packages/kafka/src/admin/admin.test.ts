import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  apiVersions,
  createPartitions,
  createTopics,
  findCoordinator,
  initProducerId,
  listOffsets,
  metadata,
  offsetFetch,
} from '@isthmus/protocol/apis'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { allVersions, openScriptedServer, type ScriptedServer } from '../testing/scripted-server.ts'
import { openAdmin } from './admin.ts'

const NOT_LEADER = 6
const NOT_COORDINATOR = 16
const NOT_CONTROLLER = 41
const CONCURRENT_TRANSACTIONS = 51
const THROTTLED = 89

/** A broker with one topic of two partitions, which is its own controller and coordinator. */
async function openAlone(): Promise<ScriptedServer> {
  const broker = await openScriptedServer()
  const here = { nodeId: 1, host: '127.0.0.1', port: broker.port }
  const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, leaderId: 1, leaderEpoch: 4 }))
  broker.on(metadata, (r) =>
    r.reply({
      brokers: [here],
      clusterId: 'c',
      controllerId: 1,
      topics: (r.body.topics ?? []).map(({ name }) => ({ name, partitions })),
    }),
  )
  broker.on(findCoordinator, (r) =>
    r.reply({ ...here, errorMessage: null, coordinators: [{ ...here, key: '', errorMessage: null }] }),
  )
  return broker
}
const openedFor = (broker: ScriptedServer, props = {}) =>
  openCluster({ 'bootstrap.servers': broker.address, 'retry.backoff.ms': '1', ...props })

test('only the partitions that failed are asked for again', async () => {
  await using broker = await openAlone()
  const asked: (readonly number[])[] = []
  broker.on(listOffsets, (r) => {
    const wanted = r.body.topics.flatMap((t) => t.partitions.map((p) => p.partitionIndex))
    assert.ok(r.body.topics.every((t) => t.partitions.every((p) => p.currentLeaderEpoch === 4)))
    asked.push(wanted)
    const partitions = wanted.map((partitionIndex) => ({
      partitionIndex,
      errorCode: partitionIndex === 1 && asked.length < 3 ? NOT_LEADER : 0,
      offset: 10 + partitionIndex,
    }))
    r.reply({ topics: [{ name: 't', partitions }] })
  })
  await using cluster = openedFor(broker)
  const both = [0, 1].map((partition) => ({ topic: 't', partition }))
  const offsets = await openAdmin(cluster).listOffsets(both, 'latest')
  assert.deepEqual(
    offsets.map((o) => o.offset),
    [10, 11],
  )
  assert.deepEqual(asked, [[0, 1], [1], [1]])
})

test('only the topics whose creation failed for now are created again, and their last error stands in the end', async () => {
  await using broker = await openAlone()
  const asked: string[][] = []
  broker.on(createTopics, (r) => {
    asked.push(r.body.topics.map((t) => t.name))
    const errorOf = (name: string) =>
      name === 'never' || (name === 'late' && asked.length < 2) ? THROTTLED : 0
    r.reply({
      topics: r.body.topics.map(({ name }) => ({ name, errorCode: errorOf(name), errorMessage: null })),
    })
  })
  const topic = (name: string) => ({ name, partitions: 1, replicationFactor: 1 })
  await using cluster = openedFor(broker)
  const created = await openAdmin(cluster).createTopics([topic('now'), topic('late')])
  assert.deepEqual([...created.values()], [null, null])
  assert.deepEqual(asked, [['now', 'late'], ['late']])
  await using hasty = openedFor(broker, { 'default.api.timeout.ms': '1000' })
  const failed = await openAdmin(hasty).createTopics([topic('now'), topic('never')])
  assert.equal(failed.get('now'), null)
  assert.equal(failed.get('never')?.kafka, 'THROTTLING_QUOTA_EXCEEDED')
})

test('coordinators that moved are found again, and transactions under way waited for', async () => {
  await using broker = await openAlone()
  const errors = [NOT_COORDINATOR, CONCURRENT_TRANSACTIONS, 0]
  broker.on(initProducerId, (r) => {
    assert.equal(r.body.transactionalId, 'id')
    r.reply({ errorCode: errors.shift() ?? assert.fail('asked too often') })
  })
  await using cluster = openedFor(broker)
  await openAdmin(cluster).fenceProducers(['id'])
  assert.equal(broker.asked.filter((name) => name === 'FindCoordinator').length, 2)
})

test('a controller that moved is asked for', async () => {
  await using broker = await openAlone()
  const errors = [NOT_CONTROLLER, 0]
  broker.on(createPartitions, (r) =>
    r.reply({ results: [{ name: 't', errorCode: errors.shift() ?? -1, errorMessage: null }] }),
  )
  await using cluster = openedFor(broker)
  await openAdmin(cluster).createPartitions('t', 3)
  assert.equal(broker.asked.filter((name) => name === 'Metadata').length, 2)
})

test('brokers of before Kafka 3 are asked for one group and one coordinator at a time', async () => {
  await using broker = await openAlone()
  const old = new Map([
    [findCoordinator.key, 3],
    [offsetFetch.key, 7],
  ])
  const apiKeys = (allVersions().apiKeys ?? []).map((k) => ({
    ...k,
    maxVersion: old.get(k?.apiKey ?? -1) ?? k?.maxVersion,
  }))
  broker.on(apiVersions, (r) => r.reply({ apiKeys }))
  broker.on(offsetFetch, (r) => {
    assert.equal(r.body.groupId, 'g')
    const partitions = [
      { partitionIndex: 0, committedOffset: 5, metadata: null },
      { partitionIndex: 1, committedOffset: -1, metadata: null },
    ]
    r.reply({ topics: [{ name: 't', partitions }] })
  })
  await using cluster = openedFor(broker)
  assert.deepEqual(await openAdmin(cluster).groupOffsets('g'), [{ topic: 't', partition: 0, offset: 5 }])
})

test('a call ends with its signal', async () => {
  await using broker = await openAlone()
  const control = new AbortController()
  broker.on(listOffsets, () => control.abort())
  await using cluster = openedFor(broker)
  const listing = openAdmin(cluster).listOffsets([{ topic: 't', partition: 0 }], 'latest', control)
  await assert.rejects(listing, (error) => error instanceof KafkaError && error.kafka === 'ABORTED')
})
