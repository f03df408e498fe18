import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loggerOf, silent } from '../log.ts'
import type { InstanceStatus } from '../state/status.ts'
import { openKafkaStatuses } from './kafka-status.ts'
import type { OpenTopic, ReadRecord, TextRecord } from './kafka-topic.ts'
import type { StatusStore } from './stores.ts'

/** A topic that all stores of a test read at once. */
function sharedTopic() {
  const readers: ((record: ReadRecord) => void)[] = []
  let offset = 0
  const write = (records: readonly TextRecord[]) => {
    for (const one of records) {
      const record = { ...one, partition: 0, offset: offset++, timestamp: 0 }
      for (const apply of readers) apply(record)
    }
  }
  const open: OpenTopic = async (_parts, apply) => {
    readers.push(apply)
    return {
      append: async (records) => write(records),
      async readToEnd() {},
      async [Symbol.asyncDispose]() {},
    }
  }
  const topic = {
    name: 't',
    property: 'status.storage.topic',
    partitions: 1,
    replicationFactor: 1,
    configs: {},
  } as const
  const store = () => openKafkaStatuses({ props: {}, topic, log: loggerOf(silent, 'test') }, open)
  return store
}
const running = (workerId: string, generation: number): InstanceStatus => ({
  state: 'RUNNING',
  workerId,
  generation,
  version: null,
})
const settled = async (...stores: readonly StatusStore[]) => {
  for (let i = 0; i < 3; i++) for (const one of stores) await one.flush()
}

it('has the last word of who runs an instance, whatever a worker says that has slept through its loss', async () => {
  const store = sharedTopic()
  await using owner = await store()
  await using sleeper = await store()
  sleeper.putTask('c', 0, running('sleeper', 5))
  await settled(sleeper)
  owner.putTask('c', 0, running('owner', 7))
  await settled(owner)
  sleeper.putTask('c', 0, { ...running('sleeper', 5), state: 'PAUSED' })
  await settled(sleeper, owner)
  for (const one of [owner, sleeper]) assert.deepEqual(one.task('c', 0), running('owner', 7))
  owner.putTask('c', 0, { ...running('owner', 7), state: 'UNASSIGNED' }, 7)
  sleeper.putTask('c', 0, running('sleeper', 8))
  await settled(owner, sleeper)
  for (const one of [owner, sleeper]) assert.deepEqual(one.task('c', 0), running('sleeper', 8))
})

it('says again what a leader has cleared away that did not know of it yet', async () => {
  const store = sharedTopic()
  await using owner = await store()
  await using leader = await store()
  owner.putConnector('c', running('owner', 7))
  owner.putTask('c', 0, running('owner', 7))
  await settled(owner)
  leader.deleteTask('c', 0)
  await settled(leader, owner)
  assert.deepEqual(leader.task('c', 0), running('owner', 7))
  leader.deleteConnector('c')
  await settled(leader, owner)
  assert.deepEqual(leader.connector('c'), running('owner', 7))
  assert.deepEqual(leader.task('c', 0), running('owner', 7))
})
