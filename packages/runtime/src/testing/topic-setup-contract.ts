import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openAdmin, openCluster } from '@isthmus/kafka'
import { topicConfigsIn } from '../store/topic/setup.ts'
import type { KafkaPlace } from './kafka-rig.ts'

/** How the topics of a group come to be, and which are refused. */
export function topicSetupContract(openPlace: () => KafkaPlace): void {
  it('topics are made compacted, as large as asked and with what else was set', async () => {
    await using place = openPlace()
    await using cluster = openCluster(place.props)
    const configs = topicConfigsIn(
      {
        'offset.storage.topic': 'x',
        'offset.storage.partitions': '7',
        'offset.storage.replication.factor': '1',
        'offset.storage.cleanup.policy': 'delete',
        'offset.storage.segment.bytes': '1048576',
        'status.storage.retention.ms': '1',
      },
      'offset.storage.',
    )
    assert.deepEqual(configs, { 'segment.bytes': '1048576' })
    Object.assign(place.offsets, { configs, partitions: 7 })
    await using _store = await place.openOffsets()
    assert.equal((await cluster.topic(place.offsets.name)).partitions.length, 7)
    const found = await openAdmin(cluster).topicConfigs(place.offsets.name)
    assert.equal(found.get('cleanup.policy'), 'compact')
    assert.equal(found.get('segment.bytes'), '1048576')
  })

  it('-1 leaves partitions and replicas to the broker', async () => {
    await using place = openPlace()
    Object.assign(place.statuses, { partitions: -1, replicationFactor: -1 })
    await using store = await place.openStatuses()
    store.putConnector('a', { state: 'RUNNING', workerId: 'w', generation: 0, version: null })
    await store.flush()
  })

  it('workers that start at once make each topic once', async () => {
    await using place = openPlace()
    const stores = await Promise.all(Array.from({ length: 5 }, () => place.openConfigs()))
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
    assert.equal(place.lines.filter(({ message }) => message.startsWith('Created topic')).length, 1)
  })

  it('a topic that would lose records is refused', async () => {
    await using place = openPlace()
    await using cluster = openCluster(place.props)
    const made = await openAdmin(cluster).createTopics(
      [place.configs, place.offsets, place.statuses].map(({ name }, i) => ({
        name,
        partitions: 1,
        replicationFactor: 1,
        configs: { 'cleanup.policy': ['delete', 'compact,delete', 'compact'][i]! },
      })),
    )
    assert.deepEqual([...made.values()], [null, null, null])
    await assert.rejects(place.openConfigs(), {
      code: 'config',
      message: `Topic '${place.configs.name}' supplied via the 'config.storage.topic' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of connector configurations, but found the topic currently has 'cleanup.policy=delete'. Continuing would likely result in eventually losing connector configurations and problems restarting this Connect cluster in the future. Change the 'config.storage.topic' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'.`,
    })
    await assert.rejects(place.openOffsets(), {
      message: /durability of source connector offsets, .*'cleanup\.policy=compact,delete'/,
    })
    await using _statuses = await place.openStatuses()
  })

  it('a config topic of several partitions is refused', async () => {
    await using place = openPlace()
    await using cluster = openCluster(place.props)
    const { name } = place.configs
    await openAdmin(cluster).createTopics([
      { name, partitions: 2, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
    ])
    await assert.rejects(place.openConfigs(), {
      code: 'config',
      message: `Topic '${name}' supplied via the 'config.storage.topic' property is required to have a single partition in order to guarantee consistency of connector configurations, but found 2 partitions.`,
    })
  })

  it('what the broker does not take is said', async () => {
    await using place = openPlace()
    Object.assign(place.configs, { configs: { 'segment.bytes': 'many' } })
    await assert.rejects(place.openConfigs(), {
      code: 'connect',
      message: /^Unable to create topic\(s\) 'stores-config\.storage\.topic-[-0-9a-f]+': .*segment\.bytes/,
    })
  })
}
