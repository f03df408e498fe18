import assert from 'node:assert/strict'
import { it } from 'node:test'
import { loggerOf, silent } from '../../log/log.ts'
import type { InstanceStatus } from '../../state/status.ts'
import type { StatusStore } from '../stores.ts'
import type { OpenTopic, ReadRecord, TextRecord } from '../topic/topic.ts'
import { openKafkaStatuses } from './kafka.ts'
import { formatStatus, formatStatusKey } from './records.ts'

/** A topic that all stores of a test read at once. */
function sharedTopic() {
  const readers: ((record: ReadRecord) => void)[] = []
  const log: ReadRecord[] = []
  const write = (records: readonly TextRecord[]) => {
    for (const one of records) {
      const record = { ...one, partition: 0, offset: log.length, timestamp: 0 }
      log.push(record)
      for (const apply of readers) apply(record)
    }
  }
  const open: OpenTopic = async (_parts, apply) => {
    for (const record of log) apply(record)
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
  return Object.assign(store, { write })
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

it('lets a report replace what was said in an earlier life of the group, whose generations have begun again', async () => {
  const store = sharedTopic()
  const former = (state: 'UNASSIGNED' | 'RUNNING') => formatStatus({ ...running('former', 21), state })
  const keyOf = (task: number) => formatStatusKey({ kind: 'task', connector: 'c', task })
  store.write([
    { key: formatStatusKey({ kind: 'connector', connector: 'c' }), value: former('UNASSIGNED') },
    { key: keyOf(0), value: former('UNASSIGNED') },
    { key: keyOf(1), value: former('RUNNING') },
    { key: keyOf(2), value: former('RUNNING') },
  ])
  await using self = await store()
  await using other = await store()
  for (const one of [self, other]) one.joining()(1)
  // what is said from here on is of the group's life of today, which may be ahead of this worker
  other.putTask('c', 1, running('other', 3))
  await settled(other)
  const failed = { ...running('self', 1), state: 'FAILED', trace: 'it cannot be loaded' } as const
  self.putConnector('c', failed, 1)
  for (const task of [0, 1]) self.putTask('c', task, failed, 1)
  await settled(self, other)
  for (const one of [self, other]) {
    assert.equal(one.connector('c')?.state, 'FAILED')
    assert.equal(one.task('c', 0)?.state, 'FAILED')
    assert.deepEqual(one.task('c', 1), running('other', 3))
  }
  // nor does what was said then hide what a worker of today says
  other.putTask('c', 2, { ...running('other', 4), state: 'UNASSIGNED' }, 4)
  await settled(other)
  assert.equal(self.task('c', 2)?.state, 'UNASSIGNED')
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
