import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { ConnectError, parseConfig, retriable, type SinkRecord, type TaskLog } from '@isthmus/sdk'
import { connectorContext, memoryKafka, sinkContext, sinkContract, sinkRecord } from '@isthmus/testkit'
import { backupConfig } from '../config/backup.ts'
import { OBJECT_BYTES } from '../objects/memory.ts'
import { AwsStorageSink } from '../plugins/sink.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { storedRecords } from '../testing/stored-records.ts'
import { until } from '../testing/until.ts'
import { backupConnector } from './connector.ts'
import { openBackupTask, TASK_BYTES } from './task.ts'

const PROPS = { 'aws.s3.bucket': 'b', prefix: 'data' }
const config = parseConfig(backupConfig, PROPS)
const P0 = { topic: 't', partition: 0 }
const P1 = { topic: 't', partition: 1 }

const record = (kafkaPartition: number, kafkaOffset: number, size = 10): SinkRecord =>
  sinkRecord({ topic: 't', kafkaPartition, kafkaOffset, value: Buffer.alloc(size, kafkaOffset) })
const records = (partition: number, from: number, to: number, size?: number): SinkRecord[] =>
  Array.from({ length: to - from }, (_, index) => record(partition, from + index, size))
const at = (partition: number, offset: number) => ({ topic: 't', partition, offset })
const key = (partition: number, start: number, end: number) =>
  `data/t/${partition}/${String(start).padStart(19, '0')}-${String(end).padStart(19, '0')}`
const away = () => retriable('Putting an object into bucket b failed: SlowDown')

/** A task with its bucket, and what it says. */
async function openTask({ signal = new AbortController().signal } = {}) {
  const store = openMemoryStore()
  const lines: string[] = []
  const say = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const log: TaskLog = { debug() {}, info: say('INFO'), warn: say('WARN'), error: say('ERROR') }
  const context = sinkContext({ assignment: [P0, P1], log, signal })
  const task = await openBackupTask(config, context, store)
  await task.open?.([P0, P1])
  return { ...task, preCommit: task.preCommit!, close: task.close!, store, lines, context }
}

let bucket = openMemoryStore()
let isAway = false
const reached = () => ({
  ...bucket,
  async put(...given: Parameters<typeof bucket.put>) {
    if (isAway) throw away()
    return await bucket.put(...given)
  },
})
for (const { name, run } of sinkContract({
  plugin: { ...AwsStorageSink, task: (own, context) => openBackupTask(own, context, reached()) },
  target() {
    bucket = openMemoryStore()
    return { props: PROPS }
  },
  written: () => storedRecords(bucket, 'data/').length,
  records: [...records(0, 0, 10), ...records(1, 5, 8)],
  outage() {
    isAway = true
    return {
      async [Symbol.asyncDispose]() {
        isAway = false
      },
    }
  },
}))
  test(name, run)

test('each task has the whole configuration and its number', async () => {
  const connector = backupConnector(config, connectorContext())
  assert.deepEqual(await connector.taskConfigs(2), [
    { ...PROPS, 'task.id': '0' },
    { ...PROPS, 'task.id': '1' },
  ])
})

test('offsets may be altered', async () => {
  assert.equal(await AwsStorageSink.alterOffsets?.(PROPS, [at(0, 5)]), true)
})

test('a commit stores what was put, an object for each partition', async () => {
  await using task = await openTask()
  await task.put([...records(0, 3, 5), ...records(1, 0, 1), ...records(0, 5, 9)])
  assert.equal(task.store.objects.size, 0)
  // the last records of a partition may have been dropped by a transform
  assert.deepEqual(await task.preCommit([at(0, 12), at(1, 1)]), [at(0, 12), at(1, 1)])
  assert.deepEqual([...task.store.objects.keys()].sort(), [key(0, 3, 8), key(1, 0, 0)])
  assert.deepEqual(
    storedRecords(task.store, 'data/t/0/').map(({ offset }) => offset),
    [3, 4, 5, 6, 7, 8],
  )
  assert.deepEqual(await task.preCommit([at(0, 12), at(1, 1)]), [at(0, 12), at(1, 1)])
  assert.equal(task.store.calls.put, 2)
})

test('a full object is uploaded at once, while the next one is filled', async () => {
  await using task = await openTask()
  const hold = task.store.hold('put')
  await task.put(records(0, 0, 3, OBJECT_BYTES / 2))
  await hold.reached
  await task.put(records(0, 3, 4))
  hold.release()
  await until(() => task.store.objects.has(key(0, 0, 0)))
  assert.deepEqual(await task.preCommit([at(0, 4)]), [at(0, 4)])
  assert.deepEqual([...task.store.objects.keys()], [key(0, 0, 0), key(0, 1, 1), key(0, 2, 3)])
})

test('a partition whose upload fails does not hold up the others, and is tried again', async () => {
  await using task = await openTask()
  await task.put([...records(0, 0, 5), ...records(1, 0, 5)])
  task.store.fail('put', away())
  assert.deepEqual(await task.preCommit([at(0, 5), at(1, 5)]), [at(0, 0), at(1, 5)])
  assert.deepEqual([...task.store.objects.keys()], [key(1, 0, 4)])
  await task.put(records(0, 5, 7))
  assert.deepEqual(await task.preCommit([at(0, 7), at(1, 5)]), [at(0, 7), at(1, 5)])
  assert.deepEqual(
    storedRecords(task.store, 'data/t/0/').map(({ offset }) => offset),
    [0, 1, 2, 3, 4, 5, 6],
  )
  assert.deepEqual(
    task.lines.map((line) => line.replace(/\d+ s/, 'n s')),
    [
      'WARN An upload failed, and is tried again until it succeeds: Putting an object into bucket b failed: SlowDown',
      'INFO Uploads succeed again, after n s.',
    ],
  )
})

test('an upload that failed is tried again by itself, and a failure that lasts is told every minute', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  await using task = await openTask()
  task.store.fail('put', away(), { times: 8 })
  await task.put(records(0, 0, 3, OBJECT_BYTES / 2))
  for (let attempt = 1; attempt <= 8; attempt++) {
    await until(() => task.store.calls.put === attempt)
    await until(() => task.lines.length > 0)
    // the next pause begins a few turns after the failure
    await until(() => {
      t.mock.timers.tick(1000)
      return task.store.calls.put > attempt
    })
  }
  await until(() => task.store.objects.size === 2)
  assert.match(task.lines[0] ?? '', /^WARN An upload failed/)
  assert.match(
    task.lines[1] ?? '',
    /^ERROR Uploads have failed for 6\d s: 2 objects of 1 topic-partitions wait, and no offset of theirs is committed\. The last error: .*SlowDown$/,
  )
  assert.match(task.lines.at(-1) ?? '', /^INFO Uploads succeed again, after \d+ s\.$/)
})

test('an error that will not go away fails the task, after the others were committed', async () => {
  await using task = await openTask()
  await task.put([...records(0, 0, 5), ...records(1, 0, 5)])
  task.store.fail('put', new ConnectError('connect', 'Access denied'))
  assert.deepEqual(await task.preCommit([at(0, 5), at(1, 5)]), [at(0, 0), at(1, 5)])
  assert.throws(() => task.put([]), /Access denied/)
})

test('a failed upload that has arrived all the same costs nothing but a second one', async () => {
  await using task = await openTask()
  await task.put(records(0, 0, 5))
  task.store.fail('put', away(), { late: true })
  assert.deepEqual(await task.preCommit([at(0, 5)]), [at(0, 0)])
  assert.deepEqual([...task.store.objects.keys()], [key(0, 0, 4)])
  assert.deepEqual(await task.preCommit([at(0, 5)]), [at(0, 5)])
  assert.deepEqual([...task.store.objects.keys()], [key(0, 0, 4)])
})

test('a commit waits for half a minute, then the rest is left to the next one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  await using task = await openTask()
  const hold = task.store.hold('put')
  await task.put([...records(0, 0, 5), ...records(1, 0, 5)])
  const committed = task.preCommit([at(0, 5), at(1, 5)])
  await hold.reached
  await until(() => task.store.objects.size === 1)
  t.mock.timers.tick(30_000)
  assert.deepEqual(await committed, [at(0, 0), at(1, 5)])
  hold.release()
  assert.deepEqual(await task.preCommit([at(0, 5), at(1, 5)]), [at(0, 5), at(1, 5)])
})

test('a stop that takes too long ends the wait of a commit', async () => {
  const stop = new AbortController()
  await using task = await openTask({ signal: stop.signal })
  const hold = task.store.hold('put')
  await task.put(records(0, 0, 5))
  const committed = task.preCommit([at(0, 5)])
  await hold.reached
  stop.abort()
  assert.deepEqual(await committed, [at(0, 0)])
})

test('a partition with two objects that wait is paused until one is stored', async () => {
  await using task = await openTask()
  const hold = task.store.hold('put')
  await task.put(records(0, 0, 4, OBJECT_BYTES / 2))
  assert.deepEqual(task.context.requests, ['pause t-0'])
  hold.release()
  await until(() => task.context.requests.length === 2)
  assert.deepEqual(task.context.requests, ['pause t-0', 'resume t-0'])
})

test('a task holds no more than its bound and what one put brought, however long the bucket is away', async () => {
  const store = openMemoryStore()
  const assignment = Array.from({ length: 40 }, (_, partition) => ({ topic: 't', partition }))
  const paused = new Set<number>()
  const context = {
    ...sinkContext({ assignment }),
    pause: (given: readonly { partition: number }[]) =>
      given.forEach(({ partition }) => void paused.add(partition)),
    resume: (given: readonly { partition: number }[]) =>
      given.forEach(({ partition }) => void paused.delete(partition)),
  }
  await using task = await openBackupTask(config, context, store)
  await task.open?.(assignment)
  const holds = Array.from({ length: 8 }, () => store.hold('put'))
  const size = 256 * 1024
  const next = assignment.map(() => 0)
  let given = 0
  const deliver = async (): Promise<void> => {
    for (const { partition } of assignment) {
      if (paused.has(partition)) continue
      const put = records(partition, next[partition]!, next[partition]! + 2, size)
      next[partition]! += put.length
      given += put.length * size
      await task.put(put)
    }
  }
  while (paused.size < assignment.length) {
    await deliver()
    assert.ok(given <= TASK_BYTES + 2 * size, `${given} bytes are held`)
  }
  assert.ok(given > TASK_BYTES / 4)
  // as many uploads as can be are under way with the largest objects
  await Promise.all(holds.map(({ reached }) => reached))
  for (const { release } of holds) release()
  await until(() => paused.size === 0)
  const offsets = assignment.map(({ partition }) => at(partition, next[partition]!))
  assert.deepEqual(await task.preCommit?.(offsets), offsets)
  assert.equal(storedRecords(store, 'data/').length, given / size)
})

test('partitions assigned while nothing may be read wait as well', async () => {
  await using task = await openTask()
  const hold = task.store.hold('put')
  await task.put(records(0, 0, 4, TASK_BYTES / 4))
  await hold.reached
  await task.open?.([{ topic: 'u', partition: 0 }])
  assert.deepEqual(task.context.requests, ['pause t-0 t-1', 'pause u-0'])
  hold.release()
  await until(() => /^resume.* u-0$/.test(task.context.requests.at(-1) ?? ''))
})

test('what is held of a revoked partition is dropped, and it starts clean when it comes back', async () => {
  await using task = await openTask()
  const hold = task.store.hold('put')
  await task.put([...records(0, 0, 3, OBJECT_BYTES / 2), ...records(1, 0, 2)])
  await hold.reached
  await task.close([P0])
  assert.equal(task.store.objects.size, 0)
  await task.open?.([P0])
  await task.put(records(0, 7, 9))
  assert.deepEqual(await task.preCommit([at(0, 9), at(1, 2)]), [at(0, 9), at(1, 2)])
  assert.deepEqual([...task.store.objects.keys()].sort(), [key(0, 7, 8), key(1, 0, 1)])
})

test('a revoked partition whose uploads fail is tried no more', async () => {
  await using task = await openTask()
  task.store.fail('put', away())
  await task.put(records(0, 0, 2))
  await task.preCommit([at(0, 2)])
  await task.close([P0])
  await task.preCommit([at(1, 0)])
  assert.equal(task.store.calls.put, 1)
})

test('records delivered again are backed up again, without a failure', async () => {
  await using task = await openTask()
  await task.put(records(0, 0, 6))
  await task.put(records(0, 4, 8))
  assert.deepEqual(await task.preCommit([at(0, 8)]), [at(0, 8)])
  await task.put(records(0, 2, 9))
  await task.put(records(0, 8, 9))
  assert.deepEqual(await task.preCommit([at(0, 9)]), [at(0, 9)])
  assert.deepEqual([...task.store.objects.keys()], [key(0, 0, 7), key(0, 2, 8)])
})

test('a bad record is reported where errors are tolerated, and fails the task otherwise', async () => {
  const bad = { ...record(0, 1), value: 'text' }
  await using task = await openTask()
  await task.put([record(0, 0), bad, record(0, 2), { ...bad, originalKafkaOffset: 3 }, record(0, 4)])
  assert.equal(task.context.errant.length, 2)
  assert.deepEqual(await task.preCommit([at(0, 5)]), [at(0, 5)])
  assert.deepEqual(
    storedRecords(task.store, 'data/').map(({ offset }) => offset),
    [0, 2, 4],
  )
  const context = { ...sinkContext({ assignment: [P0] }), errantRecords: null }
  await using strict = await openBackupTask(config, context, openMemoryStore())
  await assert.rejects(
    async () => strict.put([record(0, 0), bad]),
    /t-0 at offset 1 is an instance of java\.lang\.String/,
  )
  // as before the batch that failed
  assert.deepEqual(await strict.preCommit?.([at(0, 0)]), [at(0, 0)])
})

test('what it has stored is told every ten seconds while it works, and nothing when it does not', async (t) => {
  t.mock.timers.enable({ apis: ['Date'] })
  await using task = await openTask()
  await task.put(records(0, 0, 1000, 1000))
  await task.preCommit([at(0, 1000)])
  await task.put([])
  assert.deepEqual(task.lines, [])
  t.mock.timers.tick(10_000)
  await task.put([])
  t.mock.timers.tick(10_000)
  await task.put([])
  assert.deepEqual(task.lines, ['INFO Backed up 1000 records, 1.0 MB in 1 objects, in the last 10 s'])
})

test('a commit keeps what groups have committed, once the records are there', async () => {
  const store = openMemoryStore()
  const kafka = memoryKafka({ offsets: { app: [at(0, 2)] } })
  const chosen = parseConfig(backupConfig, { ...PROPS, 'kafka.consumerGroups': 'a.*' })
  await using task = await openBackupTask(chosen, sinkContext({ assignment: [P0], kafka }), store)
  await task.put(records(0, 0, 3))
  assert.deepEqual(await task.preCommit?.([at(0, 3)]), [at(0, 3)])
  assert.deepEqual([...store.objects.keys()], [key(0, 0, 2), 'data/t/0/offset/consumers_offset'])
})

test('disposal ends what is under way, and the store with it', async () => {
  const store = openMemoryStore()
  const disposed = mock.fn(async () => {})
  const context = sinkContext({ assignment: [P0] })
  const task = await openBackupTask(config, context, { ...store, [Symbol.asyncDispose]: disposed })
  const hold = store.hold('put')
  await task.put(records(0, 0, 3, OBJECT_BYTES / 2))
  await hold.reached
  await task[Symbol.asyncDispose]()
  assert.equal(disposed.mock.callCount(), 1)
  assert.equal(store.objects.size, 0)
})

test('a prefix that not every server keeps is warned of', () => {
  for (const [prefix, warnings] of [
    ['/data', 1],
    ['a//b', 1],
    ['data/', 0],
    ['', 0],
  ] as const) {
    const lines: string[] = []
    const log: TaskLog = { debug() {}, info() {}, warn: (line) => void lines.push(line), error() {} }
    backupConnector(parseConfig(backupConfig, { ...PROPS, prefix }), connectorContext({ log }))
    assert.equal(lines.length, warnings, prefix)
  }
})

test('what was given up since the task has to end is no failure', async () => {
  const stop = new AbortController()
  await using task = await openTask({ signal: stop.signal })
  const asked = Promise.withResolvers<void>()
  task.store.put = async () => {
    asked.resolve()
    await new Promise((_, reject) => stop.signal.addEventListener('abort', () => reject(stop.signal.reason)))
  }
  await task.put(records(0, 0, 3))
  const committing = task.preCommit([at(0, 3)])
  await asked.promise
  stop.abort()
  assert.deepEqual(await committing, [at(0, 0)])
  await task.put(records(0, 3, 4))
})

test('a topic that was deleted and created again is told of, records that are delivered again are not', async () => {
  await using task = await openTask()
  const stamped = (from: number, to: number, timestamp: number) =>
    records(0, from, to).map((one) => ({ ...one, timestamp }))
  const reassign = async () => {
    await task.close([P0])
    await task.open?.([P0])
  }
  await task.put(stamped(0, 10, 1))
  await task.put(stamped(0, 12, 1))
  await reassign()
  await task.put(stamped(4, 8, 1))
  await task.preCommit([at(0, 8)])
  await task.put(stamped(0, 2, 1))
  assert.deepEqual(task.lines, [])
  await task.put(stamped(0, 3, 2))
  await reassign()
  await task.put(stamped(0, 3, 2))
  assert.equal(task.lines.length, 1)
  assert.match(task.lines[0] ?? '', /^WARN t-0 begins anew, at offset 0: .*deleted and created again/)
})
