import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KafkaAdmin, retriable, type SinkTaskContext, type TaskLog } from '@isthmus/sdk'
import { memoryKafka, sinkContext, sinkRecord } from '@isthmus/testkit'
import { openObjectMemory } from '../objects/memory.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { Backlog } from './backlog.ts'
import { openGroupBackup } from './groups.ts'

const open = (pattern: string, kafka: KafkaAdmin, context: Partial<SinkTaskContext> = {}) => {
  const store = openMemoryStore()
  const lines: string[] = []
  const log: TaskLog = {
    debug() {},
    info: (m) => void lines.push(m),
    warn: (m) => void lines.push(m),
    error() {},
  }
  const groups = openGroupBackup(pattern, { ...sinkContext({ kafka, log }), ...context }, store)
  const stored = (topic: string, partition: number): string | undefined => {
    const bytes = store.objects.get(`data/${topic}/${partition}/offset/consumers_offset`)
    return bytes && Buffer.from(bytes).toString()
  }
  return { ...groups, store, lines, stored }
}
const partition = (topic: string, number: number) =>
  new Backlog(topic, number, `data/${topic}/${number}/`, openObjectMemory())
const at = (topic: string, number: number, offset: number) => ({ topic, partition: number, offset })

test('the offsets of matching groups are kept beside the records of each partition, with their number', async () => {
  const kafka = memoryKafka({
    topics: [{ name: 't', partitions: 3 }],
    offsets: {
      'app-2': [at('t', 0, 7)],
      'app-1': [at('t', 0, 5), at('t', 1, 2), at('other', 0, 9)],
      'an-app-1': [at('t', 0, 1)],
    },
  })
  const task = open('app-.*', kafka)
  const partitions = [partition('t', 0), partition('t', 1), partition('t', 2)]
  for (const kafkaOffset of [0, 1, 2]) partitions[0]?.add(sinkRecord({ topic: 't', kafkaOffset }))
  await task.backUp(partitions)
  assert.equal(task.stored('t', 0), '{"app-1":5,"app-2":7,"Sink_TP_TotalRecords":3}')
  assert.equal(task.stored('t', 1), '{"app-1":2,"Sink_TP_TotalRecords":0}')
  assert.equal(task.store.objects.size, 2)

  // more records alone are no reason to write
  partitions[0]?.add(sinkRecord({ topic: 't', kafkaOffset: 3 }))
  await task.backUp(partitions)
  assert.equal(task.store.calls.put, 2)

  await kafka.alterGroupOffsets('app-2', [at('t', 0, 8)])
  await task.backUp(partitions)
  assert.equal(task.store.calls.put, 3)
  assert.equal(task.stored('t', 0), '{"app-1":5,"app-2":8,"Sink_TP_TotalRecords":4}')
})

test('groups that are gone are gone from the object', async () => {
  const offsets = { a: [at('t', 0, 1)] }
  const kafka = memoryKafka({ offsets })
  let groups = ['a']
  const task = open('.*', { ...kafka, groups: async () => groups })
  const partitions = [partition('t', 0)]
  await task.backUp(partitions)
  groups = []
  await task.backUp(partitions)
  assert.equal(task.stored('t', 0), '{"Sink_TP_TotalRecords":0}')
})

test('without a pattern Kafka is not asked', async () => {
  const kafka = { ...memoryKafka(), groups: () => assert.fail('asked') }
  const task = open('', kafka)
  await task.backUp([partition('t', 0)])
  assert.equal(task.store.objects.size, 0)
})

test('a name that means something in JavaScript is a name', async () => {
  const task = open('.*', {
    ...memoryKafka(),
    groups: async () => ['__proto__'],
    groupOffsets: async () => [at('t', 0, 4)],
  })
  await task.backUp([partition('t', 0)])
  assert.equal(task.stored('t', 0), '{"__proto__":4,"Sink_TP_TotalRecords":0}')
})

test('a failure is told once, tried again at the next commit, and that it is over is told', async () => {
  const kafka = memoryKafka({ offsets: { a: [at('t', 0, 1)] } })
  let failures = 2
  const failing: KafkaAdmin = {
    ...kafka,
    async groups() {
      if (failures-- > 0) throw retriable('Kafka is away')
      return kafka.groups()
    },
  }
  const task = open('a', failing)
  const partitions = [partition('t', 0)]
  await task.backUp(partitions)
  await task.backUp(partitions)
  assert.equal(task.lines.length, 1)
  assert.match(task.lines[0] ?? '', /could not be backed up.*: Kafka is away$/)
  task.store.fail('put', retriable('SlowDown'))
  await task.backUp(partitions)
  assert.equal(task.lines.length, 1)
  await task.backUp(partitions)
  assert.equal(task.stored('t', 0), '{"a":1,"Sink_TP_TotalRecords":0}')
  assert.match(task.lines[1] ?? '', /are backed up again/)
  assert.equal(task.lines.length, 2)
})

test('Kafka that does not answer holds up no commit for long, and no stop', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked = Promise.withResolvers<void>()
  let rounds = 0
  const hanging: KafkaAdmin = {
    ...memoryKafka(),
    groups() {
      rounds++
      asked.resolve()
      return Promise.withResolvers<never>().promise
    },
  }
  const task = open('a', hanging)
  const partitions = [partition('t', 0)]
  const first = task.backUp(partitions)
  await asked.promise
  t.mock.timers.tick(10_000)
  await first
  const second = task.backUp(partitions)
  t.mock.timers.tick(10_000)
  await second
  assert.equal(rounds, 1)
  await task.giveUp()
  assert.deepEqual(task.lines, [])
})

test('nothing is written once it is given up', async () => {
  const task = open('.*', memoryKafka({ offsets: { a: [at('t', 0, 1), at('t', 1, 1)] } }))
  const hold = task.store.hold('put')
  const round = task.backUp([partition('t', 0)])
  await hold.reached
  await task.giveUp()
  await round
  assert.equal(task.store.objects.size, 0)
})
