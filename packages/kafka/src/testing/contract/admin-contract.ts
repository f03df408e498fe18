import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Admin } from '../../admin/admin.ts'
import { KafkaError } from '../../errors.ts'
import { openProducer } from '../../producer/producer.ts'
import { type ContractTarget, type Opened, openTarget } from './target.ts'

const fault = (kafka: string) => (error: unknown) => error instanceof KafkaError && error.kafka === kafka
const failures = (results: ReadonlyMap<string, KafkaError | null>) =>
  [...results.values()].map((error) => error?.kafka ?? null)

async function write(
  opened: Opened,
  topic: string,
  values: readonly string[],
  timestamp: number | null = null,
) {
  const { cluster } = opened
  await using producer = openProducer<null>(
    cluster,
    {},
    { acknowledged: ({ error }) => assert.equal(error, null) },
  )
  for (const value of values) {
    let room = producer.enqueue(topic, 0, timestamp, null, value, [], null)
    while (room) {
      await room
      room = producer.enqueue(topic, 0, timestamp, null, value, [], null)
    }
  }
  await producer.flush()
}

/** Rejects once the brokers have forgotten the topic; fails when they do not. */
async function vanish({ cluster }: Opened, topic: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    cluster.refresh([topic])
    await cluster.topic(topic, { timeoutMs: 100 })
  }
}

/** The configuration once it has this value: brokers learn of changes a little later. */
async function configsWith(admin: Admin, topic: string, name: string, value: string | null | undefined) {
  const deadline = Date.now() + 10_000
  for (;;) {
    const configs = await admin.topicConfigs(topic)
    if (configs.get(name) === value || Date.now() > deadline) {
      assert.equal(configs.get(name), value)
      return configs
    }
  }
}

/** The description once the topic has this many partitions. */
async function describedWith(admin: Admin, topic: string, partitions: number) {
  const deadline = Date.now() + 10_000
  for (;;) {
    const info = (await admin.describeTopics([topic])).get(topic)
    assert.ok(info && 'partitions' in info)
    if (info.partitions.length === partitions || Date.now() > deadline) return info
  }
}

export function adminContract(target: ContractTarget): void {
  test('topics are created, described, given partitions and deleted, each with its own outcome', async () => {
    await using opened = openTarget(target)
    const { admin } = opened
    const name = target.unique('topic')
    const created = await admin.createTopics([
      { name, partitions: 2, replicationFactor: 1 },
      { name: 'not a name', partitions: 1, replicationFactor: 1 },
    ])
    assert.deepEqual(failures(created), [null, 'INVALID_TOPIC_EXCEPTION'])
    const again = await admin.createTopics([{ name, partitions: -1, replicationFactor: -1 }])
    assert.deepEqual(failures(again), ['TOPIC_ALREADY_EXISTS'])
    await opened.cluster.topic(name)
    await admin.createPartitions(name, 5)
    await assert.rejects(admin.createPartitions(name, 3), fault('INVALID_PARTITIONS'))
    await assert.rejects(admin.createPartitions(`${name}-none`, 3), fault('UNKNOWN_TOPIC_OR_PARTITION'))
    const info = await describedWith(admin, name, 5)
    const described = await admin.describeTopics([name, `${name}-none`])
    assert.deepEqual(
      info.partitions.map((p) => p.partition),
      [0, 1, 2, 3, 4],
    )
    assert.ok(fault('UNKNOWN_TOPIC_OR_PARTITION')(described.get(`${name}-none`)))
    assert.ok((await opened.cluster.topics()).some((t) => t.name === name && t.id === info.id))
    const deleted = await admin.deleteTopics([name, `${name}-none`])
    assert.equal(deleted.get(name), null)
    assert.ok(fault('UNKNOWN_TOPIC_OR_PARTITION')(deleted.get(`${name}-none`)))
    await assert.rejects(vanish(opened, name), fault('UNKNOWN_TOPIC_OR_PARTITION'))
  })

  test('configurations of topics are read and changed one by one', async () => {
    await using opened = openTarget(target)
    const { admin } = opened
    const topic = await opened.topic(1, { 'cleanup.policy': 'compact' })
    const before = await admin.topicConfigs(topic)
    assert.equal(before.get('cleanup.policy'), 'compact')
    assert.deepEqual([...(await admin.topicOverrides(topic))], [['cleanup.policy', 'compact']])
    await admin.alterTopicConfigs(topic, { 'retention.ms': '1234567' })
    assert.equal(
      (await configsWith(admin, topic, 'retention.ms', '1234567')).get('cleanup.policy'),
      'compact',
    )
    await admin.alterTopicConfigs(topic, { 'retention.ms': null })
    await configsWith(admin, topic, 'retention.ms', before.get('retention.ms'))
    await assert.rejects(admin.alterTopicConfigs(topic, { 'retention.ms': 'soon' }), fault('INVALID_CONFIG'))
    await assert.rejects(admin.topicConfigs(`${topic}-none`), fault('UNKNOWN_TOPIC_OR_PARTITION'))
  })

  test('offsets are listed from both ends and by time, and records before one are deleted', async () => {
    await using opened = openTarget(target)
    const { admin } = opened
    const topic = await opened.topic(2)
    await write(opened, topic, ['a', 'b'], 1_000)
    await write(opened, topic, ['c'], 2_000)
    const both = [0, 1].map((partition) => ({ topic, partition }))
    const [first] = both
    const ends = await admin.listOffsets(both, 'latest')
    assert.deepEqual(ends.map((e) => [e.partition, e.offset]).sort(), [
      [0, 3],
      [1, 0],
    ])
    const at = async (spec: Parameters<typeof admin.listOffsets>[1]) =>
      (await admin.listOffsets(first ? [first] : [], spec))[0]?.offset
    assert.equal(await at('earliest'), 0)
    assert.equal(await at({ timestamp: 1_500 }), 2)
    assert.equal(await at({ timestamp: 2_001 }), -1)
    assert.equal(await at('max-timestamp'), 2)
    await admin.deleteRecords([{ topic, partition: 0, offset: 2 }])
    assert.equal(await at('earliest'), 2)
    await assert.rejects(
      admin.deleteRecords([{ topic, partition: 0, offset: 9 }]),
      fault('OFFSET_OUT_OF_RANGE'),
    )
  })

  test('offsets of a group without members are written, read, deleted, and the group with them', async () => {
    await using opened = openTarget(target)
    const { admin } = opened
    const topic = await opened.topic(3)
    const group = target.unique('group')
    assert.deepEqual(await admin.groupOffsets(group), [])
    const none = { state: 'Dead', protocolType: '', protocol: '', members: [] }
    assert.deepEqual(await admin.describeGroup(group), none)
    const offsets = [0, 1].map((partition) => ({ topic, partition, offset: 7 + partition }))
    await admin.alterGroupOffsets(group, offsets)
    const read = await admin.groupOffsets(group)
    assert.deepEqual(
      read.toSorted((a, b) => a.partition - b.partition),
      offsets,
    )
    const some = [1, 2].map((partition) => ({ topic, partition }))
    assert.deepEqual(await admin.groupOffsets(group, some), [offsets[1]])
    await admin.deleteGroupOffsets(group, [{ topic, partition: 0 }])
    assert.deepEqual(await admin.groupOffsets(group), [offsets[1]])
    assert.ok((await admin.listGroups()).some((g) => g.groupId === group))
    assert.equal((await admin.describeGroup(group)).state, 'Empty')
    await admin.deleteGroup(group)
    assert.ok(!(await admin.listGroups()).some((g) => g.groupId === group))
    await assert.rejects(admin.deleteGroup(group), fault('GROUP_ID_NOT_FOUND'))
  })

  test('producers of transactional ids are fenced, whether there are any or not', async () => {
    await using opened = openTarget(target)
    await opened.admin.fenceProducers([target.unique('id'), target.unique('id')])
  })
}
