import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataError, retriable } from '../errors.ts'
import { NO_HEADERS, type SinkRecord } from '../record.ts'
import type { PartitionOffset, TopicPartition } from '../topic-partition.ts'
import { byPartition, targetOffsets, withoutErrant } from './index.ts'

const record = (partition: number, offset: number, value: number = offset): SinkRecord => ({
  topic: 'renamed',
  kafkaPartition: 99,
  kafkaOffset: offset,
  keySchema: null,
  key: null,
  valueSchema: null,
  value,
  timestamp: null,
  timestampType: 'CreateTime',
  headers: NO_HEADERS,
  originalTopic: 't',
  originalKafkaPartition: partition,
  originalKafkaOffset: offset,
})

const valuesOf = (records: readonly SinkRecord[]) => records.map(({ value }) => value)

test('records by the partition that they were consumed from, in their order', () => {
  const sorted = byPartition([record(0, 1), record(1, 5), record(0, 2)])
  assert.deepEqual([...sorted.keys()], ['t-0', 't-1'])
  assert.deepEqual(valuesOf(sorted.get('t-0') ?? []), [1, 2])
})

test('bad records are found and reported, and all others written in their order', async () => {
  for (const bad of [[], [0], [9], [3, 4], [0, 5, 9], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]) {
    const written: unknown[] = []
    const errant: unknown[] = []
    const context = { errantRecords: async ({ value }: SinkRecord) => void errant.push(value) }
    const records = Array.from({ length: 10 }, (_, index) => record(0, index))
    await withoutErrant(context, records, (some) => {
      if (some.some(({ value }) => bad.includes(value as number))) throw dataError('no number')
      written.push(...valuesOf(some))
    })
    assert.deepEqual(errant, bad)
    assert.deepEqual(
      written,
      valuesOf(records).filter((value) => !bad.includes(value as number)),
    )
  }
})

test('what is no bad data comes out at once, and bad data where there is nowhere to report it, or where it is not tolerated', async () => {
  const records = [record(0, 1), record(0, 2)]
  let writes = 0
  const failing = (error: unknown) => () => {
    writes++
    throw error
  }
  const reporting = { errantRecords: async () => {} }
  await assert.rejects(withoutErrant(reporting, records, failing(retriable('away'))), /away/)
  await assert.rejects(withoutErrant({ errantRecords: null }, records, failing(dataError('bad'))), /bad/)
  assert.equal(writes, 2)
  const strict = {
    errantRecords: async () => {
      throw new Error('not tolerated')
    },
  }
  await assert.rejects(withoutErrant(strict, records, failing(dataError('bad'))), /^Error: not tolerated$/)
  await withoutErrant(reporting, [], failing(new Error('never called')))
})

/** A database that keeps rows and offsets in one transaction, and fails before or after it as it is told. */
function database() {
  const offsets = new Map<string, PartitionOffset>()
  const rows: unknown[] = []
  let failure: 'before' | 'after' | null = null
  return {
    rows,
    offsets,
    fail(when: 'before' | 'after') {
      failure = when
    },
    read: async (partitions: readonly TopicPartition[]) =>
      partitions.flatMap(({ topic, partition }) => offsets.get(`${topic}-${partition}`) ?? []),
    async store(records: readonly SinkRecord[], next: readonly PartitionOffset[]) {
      const fails = failure
      failure = null
      if (fails === 'before') throw retriable('connection lost before the commit')
      rows.push(...valuesOf(records))
      for (const one of next) offsets.set(`${one.topic}-${one.partition}`, one)
      if (fails === 'after') throw retriable('connection lost after the commit')
    },
  }
}

const T0: TopicPartition = { topic: 't', partition: 0 }
const T1: TopicPartition = { topic: 't', partition: 1 }

test('each record is in the target once, whether it fails before its commit or after', async () => {
  for (const when of ['before', 'after'] as const) {
    const target = database()
    const offsets = targetOffsets({ seek: () => {} }, target.read)
    await offsets.open([T0, T1])
    const batch = [record(0, 0), record(1, 0, 100), record(0, 1)]
    target.fail(when)
    await assert.rejects(offsets.write(batch, target.store), /connection lost/)
    await offsets.write(batch, target.store)
    await offsets.write([record(0, 2)], target.store)
    assert.deepEqual(target.rows, [0, 100, 1, 2])
    assert.equal(target.offsets.get('t-0')?.offset, 3)
  }
})

test('a partition goes on where the target has got to, and what comes again is left out', async () => {
  const target = database()
  const sought: PartitionOffset[] = []
  const first = targetOffsets({ seek: (to) => void sought.push(...to) }, target.read)
  await first.open([T0, T1])
  assert.equal(sought.length, 0)
  await first.write([record(0, 0), record(0, 1)], target.store)
  first.close([T0])
  await assert.rejects(first.write([record(0, 2)], target.store), /a record of t-0, which was not opened/)

  const second = targetOffsets({ seek: (to) => void sought.push(...to) }, target.read)
  await second.open([T0])
  assert.deepEqual(sought, [{ ...T0, offset: 2 }])
  await second.write([record(0, 2)], target.store)
  // rewound by a commit that failed
  let called = false
  await second.write([record(0, 1), record(0, 2)], () => {
    called = true
  })
  assert.equal(called, false)
  assert.deepEqual(target.rows, [0, 1, 2])
})

test('a topic that was created again is told apart from one that goes on', async () => {
  const target = database()
  target.offsets.set('t-0', { ...T0, offset: 1000 })
  const offsets = targetOffsets({ seek: () => {} }, target.read)
  await offsets.open([T0])
  await assert.rejects(
    offsets.write([record(0, 0)], target.store),
    /^ConnectError: The target has the records of t-0 up to offset 1000, and the partition goes on at 0: was the topic deleted/,
  )
  assert.deepEqual(target.rows, [])
})

test('what the target answers about others is not heeded', async () => {
  const sought: PartitionOffset[] = []
  const offsets = targetOffsets({ seek: (to) => void sought.push(...to) }, async () => [
    { ...T0, offset: 5 },
    { ...T1, offset: 9 },
  ])
  await offsets.open([T0])
  assert.deepEqual(sought, [{ ...T0, offset: 5 }])
})
