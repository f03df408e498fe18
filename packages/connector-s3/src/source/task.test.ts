import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError, type Props, retriable, type SourceRecord } from '@isthmus/sdk'
import { memoryKafka, type StoredOffsets, sourceContext, sourceContract } from '@isthmus/testkit'
import { AwsStorageSource } from '../plugins/source.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import {
  backUp,
  offsetsRead,
  openTestLog,
  openTestRestore,
  pollAll,
  recordsFrom,
} from '../testing/restore-rig.ts'
import { restoreConnector } from './connector.ts'
import { openRestoreTask } from './task.ts'

const DONE = /^info Restored everything/
const range = (start: number, end: number) => Array.from({ length: end - start + 1 }, (_, i) => start + i)
const storedOf = ({ sourcePartition, sourceOffset }: SourceRecord): StoredOffsets => [
  [sourcePartition, sourceOffset],
]

/** Everything that a restore of these partitions gives, and what it logged. */
async function restore(
  store: ReturnType<typeof openMemoryStore>,
  tasks: string,
  { stored = [], props = {} }: { readonly stored?: StoredOffsets; readonly props?: Props } = {},
) {
  const log = openTestLog()
  await using task = await openTestRestore(
    { 'worker.tasks': tasks, ...props },
    sourceContext({ stored, log: log.log, kafka: memoryKafka({ topics: [{ name: 't', partitions: 3 }] }) }),
    store,
  )
  const records = await pollAll(task, { until: log.when(DONE) })
  return { records, log, read: offsetsRead(records) }
}

describe('the task of a restore', () => {
  const source = openMemoryStore()
  backUp(source, 't', 0, recordsFrom(3, 5))
  backUp(source, 't', 0, recordsFrom(6, 8))
  const contract = sourceContract({
    plugin: {
      ...AwsStorageSource,
      connector: (config, context) => restoreConnector(config, context, source),
      task: (config, context) => openRestoreTask(config, context, source),
    },
    source: () => ({ props: { 'aws.s3.bucket': 'bucket', maxRecordsPerSecond: '0' } }),
    count: 6,
    lent: { kafka: memoryKafka({ topics: [{ name: 't', partitions: 1 }] }) },
  })
  for (const { name, run } of contract) it(name, run)

  it('gives records as they were, with the position that the connector of the JVM keeps', async () => {
    await using store = openMemoryStore()
    const key = backUp(
      store,
      'orders',
      2,
      [
        {
          offset: 5,
          timestamp: 17,
          key: 'k',
          value: 'v',
          headers: [
            ['n', '123'],
            ['none', null],
          ],
        },
        { offset: 7, timestamp: null, key: null, value: null },
      ],
      { prefix: 'data/' },
    )
    const { records } = await restore(store, 'orders/2', {
      props: { prefix: 'data', 'kafka.topicPrefix': 'restored' },
    })
    const bytes = { type: 'bytes', optional: true }
    const common = {
      topic: 'restored-orders',
      kafkaPartition: 2,
      keySchema: bytes,
      valueSchema: bytes,
      sourcePartition: { source: 'orders/2', targetPrefix: 'restored' },
    }
    const offset = {
      startOffset: '0000000000000000005',
      endOffset: '0000000000000000007',
      s3ObjectKey: key,
    }
    assert.deepEqual(records, [
      {
        ...common,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        timestamp: 17,
        headers: [
          { key: 'n', schema: { type: 'int8', optional: false }, value: 123 },
          { key: 'none', schema: null, value: null },
        ],
        sourceOffset: { ...offset, lastReadOffset: 5 },
      },
      {
        ...common,
        key: null,
        value: null,
        timestamp: null,
        headers: [],
        sourceOffset: { ...offset, lastReadOffset: 7 },
      },
    ])
  })

  it('gives header values as bytes where the header converter of the connector takes bytes', async () => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, [{ offset: 0, headers: [['h', '123']] }])
    const { records } = await restore(store, 't/0', {
      props: { 'header.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter' },
    })
    assert.deepEqual(records[0]?.headers, [
      { key: 'h', schema: { type: 'bytes', optional: true }, value: Buffer.from('123') },
    ])
  })

  it('takes an object of each partition in turn', async () => {
    await using store = openMemoryStore()
    for (const partition of [0, 1, 2])
      for (let start = 0; start < 80; start += 10)
        backUp(store, 't', partition, recordsFrom(start, start + 9))
    const { records, read } = await restore(store, 't/0,t/1,t/2')
    assert.deepEqual(read, { 't/0': range(0, 79), 't/1': range(0, 79), 't/2': range(0, 79) })
    const places = (partition: number) =>
      records.flatMap(({ kafkaPartition }, place) => (kafkaPartition === partition ? [place] : []))
    // what is fetched ahead may be of the partition that was listed first
    for (const [one, other] of [
      [0, 2],
      [2, 0],
    ] as const)
      assert.ok((places(one)[40] ?? 0) < (places(other).at(-1) ?? 0), 'a partition waited for all of another')
  })

  it('without partitions says so, and waits', async () => {
    const log = openTestLog()
    await using task = await openTestRestore({}, sourceContext({ log: log.log }), openMemoryStore())
    assert.equal(log.count(/^warn There is nothing to restore below '' in bucket bucket: /), 1)
    assert.equal(await task.poll(AbortSignal.timeout(1)), null)
  })
})

describe('objects that overlap', () => {
  it('with the same start, and within others, give each offset once', async () => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, recordsFrom(0, 9))
    backUp(store, 't', 0, recordsFrom(0, 14))
    backUp(store, 't', 0, recordsFrom(10, 12))
    backUp(store, 't', 0, recordsFrom(10, 29))
    const { read } = await restore(store, 't/0')
    assert.deepEqual(read, { 't/0': range(0, 29) })
    // the one within another is not even read
    assert.equal(store.calls.get, 3)
  })

  it('are found when one that fills a gap sorts before where the restore stands', async () => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, recordsFrom(0, 9))
    backUp(store, 't', 0, recordsFrom(10, 14))
    const first = await restore(store, 't/0')
    backUp(store, 't', 0, recordsFrom(5, 19))
    backUp(store, 't', 0, recordsFrom(20, 24))
    const { read } = await restore(store, 't/0', { stored: storedOf(first.records.at(-1) as SourceRecord) })
    assert.deepEqual(read, { 't/0': range(15, 24) })
  })
})

describe('objects of a topic that was created anew', () => {
  const timed = (start: number, end: number, timestamp: number) =>
    recordsFrom(start, end).map((record) => ({ ...record, timestamp }))
  const mixed = () => {
    const store = openMemoryStore()
    backUp(store, 't', 0, timed(0, 9, 1))
    backUp(store, 't', 0, timed(3, 14, 2))
    backUp(store, 't', 0, timed(12, 16, 3))
    return store
  }

  it('are told of once', async () => {
    const { read, log } = await restore(mixed(), 't/0')
    assert.deepEqual(read, { 't/0': range(0, 16) })
    assert.equal(log.count(/^warn .* hold different records with offset 9: topic t was created anew/), 1)
    assert.equal(log.count(/created anew/), 1)
  })

  it('fail where gaps do', async () => {
    await using store = mixed()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0', 'restore.gaps': 'strict' },
      sourceContext(),
      store,
    )
    assert.equal((await pollAll(task, { most: 10 })).length, 10)
    await assert.rejects(pollAll(task, { most: 1 }), /different records with offset 9/)
  })
})

describe('gaps', () => {
  const gapped = (): ReturnType<typeof openMemoryStore> => {
    const store = openMemoryStore()
    backUp(store, 't', 0, [{ offset: 2 }, { offset: 4 }])
    backUp(store, 't', 0, recordsFrom(9, 10))
    return store
  }

  it('between and within objects are tolerated', async () => {
    const { read } = await restore(gapped(), 't/0')
    assert.deepEqual(read, { 't/0': [2, 4, 9, 10] })
  })

  it('fail where that is asked for, behind the records before them', async () => {
    await using store = gapped()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0', 'restore.gaps': 'strict' },
      sourceContext(),
      store,
    )
    assert.deepEqual(offsetsRead(await pollAll(task, { most: 1 })), { 't/0': [2] })
    await assert.rejects(
      pollAll(task, { most: 1 }),
      /missing in the backup of t\/0: behind 2 in object t\/0\/0{18}2-0{18}4 comes 4 in object t\/0\/0{18}2-0{18}4/,
    )
  })
})

describe('a truncated object', () => {
  it('fails behind its whole records, with key, offset and byte', async () => {
    await using store = openMemoryStore()
    const key = backUp(store, 't', 0, recordsFrom(0, 1))
    const bytes = store.objects.get(key) as Uint8Array
    store.objects.set(key, bytes.subarray(0, -1))
    await using task = await openTestRestore({ 'worker.tasks': 't/0' }, sourceContext(), store)
    assert.equal((await pollAll(task, { most: 1 })).length, 1)
    await assert.rejects(
      pollAll(task, { most: 1 }),
      /0{18}1 cannot be read on from byte 59 of 73: .*last record that is whole has offset 0/,
    )
  })

  it('that lacks whole records fails too, even if it is empty', async () => {
    for (const [records, message] of [
      [recordsFrom(0, 1), /is truncated: it ends at byte 74 with offset 1, where its name says 5/],
      [[], /is truncated: it ends at byte 4 with no record, where its name says 5/],
    ] as const) {
      await using store = openMemoryStore()
      backUp(store, 't', 0, records, { start: 0, end: 5 })
      await using task = await openTestRestore({ 'worker.tasks': 't/0' }, sourceContext(), store)
      await assert.rejects(pollAll(task, {}), message)
    }
  })

  it('with offsets that are not of its name is damaged', async () => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, recordsFrom(0, 9), { start: 0, end: 5 })
    await using task = await openTestRestore({ 'worker.tasks': 't/0' }, sourceContext(), store)
    await assert.rejects(pollAll(task, {}), /holds a record with offset 6, which is not between/)
  })
})

describe('a bucket that fails', () => {
  it('for a while costs time, and no record', async () => {
    await using store = openMemoryStore({ chunkSize: 50 })
    backUp(store, 't', 0, recordsFrom(0, 9))
    const down = retriable('the server is busy')
    store.fail('list', down)
    store.fail('get', down)
    store.cut(120, retriable('the connection was lost'))
    const { read, log } = await restore(store, 't/0')
    assert.deepEqual(read, { 't/0': range(0, 9) })
    assert.equal(log.count(/^warn Listing the objects below t\/0\/ failed; it is tried again in .* busy$/), 1)
    assert.equal(log.count(/^warn Reading object t\/0\/.* failed; it is tried again in .* busy$/), 1)
    assert.equal(log.count(/^warn Reading object t\/0\/.* lost$/), 1)
  })

  it('for good fails the task', async () => {
    for (const operation of ['list', 'get'] as const) {
      await using store = openMemoryStore()
      backUp(store, 't', 0, recordsFrom(0, 9))
      store.fail(operation, new ConnectError('config', 'Set aws.secretKey right'))
      await using task = await openTestRestore({ 'worker.tasks': 't/0' }, sourceContext(), store)
      await assert.rejects(pollAll(task, {}), /Set aws.secretKey right/)
    }
  })

  it('whose object vanishes after the listing goes on with what is there', async () => {
    await using store = openMemoryStore()
    const gone = backUp(store, 't', 0, recordsFrom(0, 9))
    backUp(store, 't', 0, recordsFrom(10, 19))
    const held = store.hold('get')
    const log = openTestLog()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0' },
      sourceContext({ log: log.log }),
      store,
    )
    const polled = pollAll(task, { until: log.when(DONE) })
    await held.reached
    store.objects.delete(gone)
    backUp(store, 't', 0, recordsFrom(5, 9))
    held.release()
    assert.deepEqual(offsetsRead(await polled), { 't/0': range(5, 19) })
    assert.equal(log.count(/^warn Object .* has vanished or changed since it was listed/), 1)
  })
})

describe('when everything is restored', () => {
  it('one line says so, and nothing is asked for until the bucket is looked through again', async (t) => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, recordsFrom(0, 9))
    const log = openTestLog()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0', 's3.rescanIntervalSeconds': '1' },
      sourceContext({ log: log.log }),
      store,
    )
    t.mock.timers.enable({ apis: ['setTimeout'] })
    await pollAll(task, { until: log.when(DONE) })
    assert.equal(log.count(/^info Restored everything: 10 records, .* MB of 1 objects in .* s\./), 1)
    const calls = { ...store.calls }
    const stop = new AbortController()
    const idle = task.poll(stop.signal)
    assert.deepEqual(store.calls, calls)
    stop.abort()
    assert.equal(await idle, null)
  })

  it('objects that were added are restored at the next look', async () => {
    await using store = openMemoryStore()
    backUp(store, 't', 0, recordsFrom(0, 9))
    const log = openTestLog()
    await using task = await openTestRestore(
      { 'worker.tasks': 't/0', 's3.rescanIntervalSeconds': '1' },
      sourceContext({ log: log.log }),
      store,
    )
    await pollAll(task, { until: log.when(DONE) })
    backUp(store, 't', 0, recordsFrom(10, 11))
    const records = await pollAll(task, { until: log.when(DONE, 2) })
    assert.deepEqual(offsetsRead(records), { 't/0': [10, 11] })
  })
})
