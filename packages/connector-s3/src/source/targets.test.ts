import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Props, retriable } from '@isthmus/sdk'
import { memoryKafka, sourceContext } from '@isthmus/testkit'
import { type MemoryStore, openMemoryStore } from '../testing/memory-store.ts'
import { backUp, openTestLog, openTestRestore, pollAll, recordsFrom } from '../testing/restore-rig.ts'

/** Restores partition 1 of `t` as far as its first record. */
async function restoreFirst(store: MemoryStore, kafka = memoryKafka(), props: Props = {}) {
  const log = openTestLog()
  await using task = await openTestRestore(
    { 'worker.tasks': 't/1', ...props },
    sourceContext({ kafka, log: log.log }),
    store,
  )
  await pollAll(task, { most: 1 })
  return log
}

function bucketOfThree(): MemoryStore {
  const store = openMemoryStore()
  for (const partition of [0, 1, 10]) backUp(store, 't', partition, recordsFrom(0, 1))
  // what only looks like a partition
  store.objects.set('t/2026/report.csv', new Uint8Array(1))
  return store
}

describe('a topic to restore to', () => {
  it('is created with the partitions of the whole backup, before the first record', async () => {
    const kafka = memoryKafka()
    const log = await restoreFirst(bucketOfThree(), kafka, { 'kafka.topicPrefix': 'r' })
    assert.deepEqual(
      [...kafka.existing.values()],
      [{ name: 'r-t', partitions: 11, replicationFactor: -1, config: {} }],
    )
    assert.equal(log.count(/^info Created topic r-t with 11 partitions/), 1)
  })

  it('is created with what the connector says of new topics', async () => {
    const kafka = memoryKafka()
    const props = (partitions: string) => ({
      'topic.creation.default.replication.factor': '3',
      'topic.creation.default.partitions': partitions,
      'topic.creation.default.retention.ms': '-1',
      'topic.creation.default.cleanup.policy': 'compact',
    })
    const config = { 'retention.ms': '-1', 'cleanup.policy': 'compact' }
    await restoreFirst(bucketOfThree(), kafka, props('1'))
    assert.deepEqual(kafka.existing.get('t'), { name: 't', partitions: 11, replicationFactor: 3, config })
    await restoreFirst(bucketOfThree(), kafka, { ...props('12'), 'kafka.topicPrefix': 'r' })
    assert.equal(kafka.existing.get('r-t')?.partitions, 12)
  })

  it('is left to others where it is not to be created', async () => {
    const kafka = memoryKafka()
    const log = await restoreFirst(bucketOfThree(), kafka, { 'kafka.createTopics': 'false' })
    assert.equal(kafka.existing.size, 0)
    assert.equal(log.count(/^warn These topics to restore to do not exist, .*: t\. They are left/), 1)
  })

  it('that has enough partitions is left as it is', async () => {
    const kafka = memoryKafka({ topics: [{ name: 't', partitions: 2 }] })
    await restoreFirst(bucketOfThree(), kafka)
    assert.deepEqual(kafka.existing.get('t'), { name: 't', partitions: 2 })
  })

  it('with too few fails the task before anything is written', async () => {
    const kafka = memoryKafka({ topics: [{ name: 't', partitions: 1 }] })
    await assert.rejects(
      restoreFirst(bucketOfThree(), kafka),
      /^ConnectError: Topic t has 1 partitions, and partition 1 of t is to be restored to it: give it 2 partitions/,
    )
  })

  it('is looked up again when Kafka is away', async () => {
    const kafka = memoryKafka()
    let failures = 1
    const away = {
      ...kafka,
      topics: async (names: readonly string[]) => {
        if (failures-- > 0) throw retriable('Kafka is away')
        return await kafka.topics(names)
      },
    }
    const log = await restoreFirst(bucketOfThree(), away as typeof kafka)
    assert.equal(log.count(/^warn Looking up the topics to restore to failed; .* Kafka is away$/), 1)
    assert.equal(kafka.existing.get('t')?.partitions, 11)
  })
})
