import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retriable } from '../errors.ts'
import { NO_HEADERS, type SinkRecord } from '../record.ts'
import { type MovedClock, movedClock } from '../testing/moved-clock.ts'
import type { PartitionOffset } from '../topic-partition.ts'
import { type Batches, type BatchesOptions, batches } from './index.ts'

type Options = Partial<BatchesOptions<string>>
type Write = (key: string, records: readonly SinkRecord[]) => void

const record = (partition: number, offset: number, key = 'k'): SinkRecord => ({
  topic: 't',
  kafkaPartition: partition,
  kafkaOffset: offset,
  keySchema: null,
  key,
  valueSchema: null,
  value: `${partition}/${offset}`,
  timestamp: null,
  timestampType: 'CreateTime',
  headers: NO_HEADERS,
  originalTopic: 't',
  originalKafkaPartition: partition,
  originalKafkaOffset: offset,
})
const run = (partition: number, from: number, count: number, key?: string): SinkRecord[] =>
  Array.from({ length: count }, (_, index) => record(partition, from + index, key))

const offsetOf = (partition: number, offset: number): PartitionOffset => ({ topic: 't', partition, offset })

function rig(options: Options = {}, write: Write = () => {}) {
  const clock: MovedClock = movedClock(0)
  const written: string[] = []
  const waits: number[] = []
  const context = {
    clock,
    signal: new AbortController().signal,
    retryAfter: (ms: number) => void waits.push(ms),
  }
  const held: Batches = batches(
    context,
    { keyOf: ({ key }) => String(key), maxRecords: 3, ...options },
    (key, records) => {
      write(key, records)
      written.push(`${key}: ${records.map(({ value }) => value).join(' ')}`)
    },
  )
  return { ...held, clock, written, waits }
}

test('full batches are written, and the rest when it is flushed', async () => {
  const { add, flush, written } = rig()
  await add([...run(0, 0, 2, 'a'), ...run(1, 0, 7, 'b')])
  assert.deepEqual(written, ['b: 1/0 1/1 1/2', 'b: 1/3 1/4 1/5'])
  await add(run(0, 2, 1, 'a'))
  assert.equal(written.at(-1), 'a: 0/0 0/1 0/2')
  await flush()
  assert.equal(written.at(-1), 'b: 1/6')
  await flush()
  assert.equal(written.length, 4)
})

test('a batch has no more bytes than it may, and a record that is larger is one of its own', async () => {
  const sizes = [4, 4, 4, 50, 1, 1]
  const { add, flush, written } = rig({
    maxRecords: 100,
    maxBytes: 10,
    sizeOf: ({ originalKafkaOffset }) => sizes[originalKafkaOffset] ?? 0,
  })
  await add(run(0, 0, 6))
  await flush()
  assert.deepEqual(written, ['k: 0/0 0/1', 'k: 0/2', 'k: 0/3', 'k: 0/4 0/5'])
})

test('a batch that is old is written, and the worker is asked to come in time', async () => {
  const { add, clock, written, waits } = rig({ maxMs: 1000 })
  await add(run(0, 0, 1))
  assert.deepEqual(waits, [1000])
  await clock.pass(400)
  await add(run(0, 1, 1))
  assert.equal(waits.at(-1), 600)
  await clock.pass(600)
  await add([])
  assert.deepEqual(written, ['k: 0/0 0/1'])
  assert.equal(waits.length, 2)
})

test('only so much is kept unwritten, of all keys together', async () => {
  const { add, written } = rig({ maxBuffered: 10 })
  await add(Array.from({ length: 25 }, (_, index) => record(0, index, `key ${index}`)))
  assert.equal(written.length, 15)
  assert.equal(written[0], 'key 0: 0/0')
})

test('safe are the offsets before what is not written, and never more than asked for', async () => {
  const { add, flush, safe } = rig()
  await add([...run(0, 5, 4), ...run(1, 0, 1, 'other')])
  assert.deepEqual(safe([offsetOf(0, 9), offsetOf(1, 1), offsetOf(2, 7)]), [
    offsetOf(0, 8),
    offsetOf(1, 0),
    offsetOf(2, 7),
  ])
  assert.deepEqual(safe([offsetOf(0, 6)]), [offsetOf(0, 6)])
  await flush()
  assert.deepEqual(safe([offsetOf(0, 9)]), [offsetOf(0, 9)])
})

test('a partition that is given up takes what is not written along, and begins anew when it comes back', async () => {
  const { add, drop, flush, written } = rig()
  await add([...run(0, 0, 1), ...run(1, 0, 1)])
  drop([{ topic: 't', partition: 0 }])
  await flush()
  assert.deepEqual(written, ['k: 1/0'])
  await add(run(0, 0, 1))
  await flush()
  assert.deepEqual(written, ['k: 1/0', 'k: 0/0'])
})

test('a partition given up after a write that failed begins anew when it comes back', async () => {
  let away = true
  const { add, drop, written } = rig({}, () => {
    if (away) throw retriable('away')
  })
  await assert.rejects(add(run(0, 0, 3)), /away/)
  drop([{ topic: 't', partition: 0 }])
  away = false
  await add(run(0, 0, 3))
  assert.deepEqual(written, ['k: 0/0 0/1 0/2'])
})

test('after a retriable error nothing is lost, doubled or out of order, and what was kept from before is written as well', async () => {
  let failures = 1
  const { add, flush, written } = rig({}, (key) => {
    if (key === 'b' && failures-- > 0) throw retriable('away')
  })
  await add([...run(0, 0, 1, 'a'), ...run(0, 1, 2, 'b')])
  const batch = [...run(0, 3, 3, 'a'), ...run(0, 6, 2, 'b'), ...run(0, 8, 3, 'c')]
  await assert.rejects(add(batch), /away/)
  assert.deepEqual(written, ['a: 0/0 0/3 0/4'])
  await add(batch)
  await flush()
  assert.deepEqual([...written].sort(), [
    'a: 0/0 0/3 0/4',
    'a: 0/5',
    'b: 0/1 0/2 0/6',
    'b: 0/7',
    'c: 0/8 0/9 0/10',
  ])
})

test('a partition that the task sought back, or that began anew, is written again', async () => {
  const { add, flush, written } = rig()
  for (let time = 0; time < 2; time++) {
    await add(run(0, 0, 2))
    await flush()
  }
  assert.deepEqual(written, ['k: 0/0 0/1', 'k: 0/0 0/1'])
})

test('a partition that goes back brings again what was kept of it: it is not kept twice', async () => {
  const { add, flush, written } = rig()
  await add(run(0, 0, 2))
  await add(run(0, 1, 1))
  await flush()
  assert.deepEqual(written, ['k: 0/0 0/1'])
})

test('options that make no sense are refused', () => {
  assert.throws(() => rig({ maxRecords: 0 }), /maxRecords is at least 1, not 0/)
  assert.throws(() => rig({ maxBytes: 10 }), /needs sizeOf/)
})

/**
 * A worker that delivers, delivers again, commits, rewinds, revokes and kills by chance, before a target that fails by chance; at the end the
 * target has every record, the last occurrences of each key in order, and no offset was ever committed before its record was written.
 */
test('whatever a worker does and a target refuses, nothing is lost and each key is in order', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = randomOf(seed)
    const chance = (of: number) => random() < of
    const upTo = (most: number) => Math.floor(random() * most)
    const logs = [0, 1].map((partition) =>
      Array.from({ length: 60 }, (_, offset) => record(partition, offset, 'abc'[upTo(3)])),
    )
    const target: SinkRecord[] = []
    const written = new Set<unknown>()
    const isIn = (partition: number, offset: number) => written.has(`${partition}/${offset}`)
    let reliable = false
    const open = () =>
      rig({ maxRecords: 1 + upTo(6), maxBuffered: 5 + upTo(20), maxMs: 50 }, (_key, records) => {
        if (!reliable && chance(0.2)) throw retriable('before')
        target.push(...records)
        for (const { value } of records) written.add(value)
        if (!reliable && chance(0.1)) throw retriable('after')
      })
    let sink = open()
    const committed = [0, 0]
    const position = [0, 0]
    const commit = (offsets: readonly PartitionOffset[]) => {
      for (const { partition, offset } of offsets) {
        for (let at = 0; at < offset; at++)
          assert.ok(isIn(partition, at), `seed ${seed}: ${partition}/${at} is committed and not written`)
        committed[partition] = offset
      }
    }
    const delivered = () => position.map((offset, partition) => offsetOf(partition, offset))
    for (let turn = 0; turn < 60; turn++) {
      await sink.clock.pass(upTo(40))
      const batch = logs.flatMap((log, partition) => {
        const from = position[partition] ?? 0
        const some = log.slice(from, from + upTo(8))
        position[partition] = from + some.length
        return some
      })
      let killed = false
      for (let taken = false; !taken && !killed; )
        try {
          await sink.add(batch)
          taken = true
        } catch {
          killed = chance(0.1)
        }
      if (!killed && chance(0.3)) commit(sink.safe(delivered()))
      if (!killed && chance(0.2))
        try {
          await sink.flush()
          commit(delivered())
        } catch {
          // as a worker does when a commit fails
          for (const partition of [0, 1]) position[partition] = committed[partition] ?? 0
        }
      if (!killed && chance(0.1)) {
        const partition = upTo(2)
        sink.drop([{ topic: 't', partition }])
        position[partition] = committed[partition] ?? 0
      }
      if (killed || chance(0.05)) {
        sink = open()
        for (const partition of [0, 1]) position[partition] = committed[partition] ?? 0
      }
    }
    reliable = true
    await sink.add(logs.flatMap((log, partition) => log.slice(position[partition])))
    await sink.flush()
    for (const log of logs)
      for (const key of ['a', 'b', 'c']) {
        const last = new Map(target.map((one, index) => [one, index]))
        const places = log.filter((one) => one.key === key).map((one) => last.get(one) ?? -1)
        assert.ok(!places.includes(-1), `seed ${seed}: a record is missing`)
        assert.deepEqual(
          places,
          [...places].sort((a, b) => a - b),
          `seed ${seed}: key ${key} is out of order`,
        )
      }
  }
})

/** Numbers of a seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
