import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { parseConfig, retriable, type SinkRecord, type SinkTask } from '@isthmus/sdk'
import { sinkContext, sinkRecord } from '@isthmus/testkit'
import fc from 'fast-check'
import { backupConfig } from '../config/backup.ts'
import { offsetsOf, partitionFolder } from '../objects/key.ts'
import { OBJECT_BYTES } from '../objects/memory.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { type MemoryStore, openMemoryStore } from '../testing/memory-store.ts'
import { storedRecords } from '../testing/stored-records.ts'
import { openBackupTask } from './task.ts'

const PARTITIONS = [0, 1, 2]
const LOG_LENGTH = 40
const LARGEST = Buffer.alloc(OBJECT_BYTES + 1)
const config = parseConfig(backupConfig, { 'aws.s3.bucket': 'b' })
const keyOf = (partition: number, offset: number): string => `${partition}@${offset}`

/** What can happen to a task, one after another. */
type Step =
  | { readonly type: 'deliver'; readonly partition: number; readonly count: number }
  /** The worker delivers the last batch once more. */
  | { readonly type: 'again' }
  | { readonly type: 'commit' }
  /** The worker goes back to what was committed last. */
  | { readonly type: 'rewind' }
  | { readonly type: 'revoke'; readonly partition: number; readonly lost: boolean }
  | { readonly type: 'assign'; readonly partition: number }
  /** The next uploads fail; `late`: after their objects have arrived. */
  | { readonly type: 'fail'; readonly times: number; readonly late: boolean }
  /** The next uploads take so many turns of the event loop. */
  | { readonly type: 'slow'; readonly turns: number }
  | { readonly type: 'turns'; readonly count: number }
  /** The worker is killed, and begins again where it had committed. */
  | { readonly type: 'crash' }

const partition = fc.constantFrom(...PARTITIONS)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('deliver'), partition, count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('again') }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('commit') }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('rewind') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('revoke'), partition, lost: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('assign'), partition }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('fail'), times: fc.integer({ min: 1, max: 3 }), late: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('slow'), turns: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('turns'), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash') }) },
) // biome-ignore format: a table

/** Sizes of records: small ones alone, or with some of which a few fill an object. */
const sizes = fc.constantFrom(
  [10],
  [10],
  [10, 10, 10, OBJECT_BYTES / 3],
  [0, 100, OBJECT_BYTES / 2, OBJECT_BYTES - 40, OBJECT_BYTES + 1],
)
/** A partition: its offsets, with gaps as compaction and transactions leave them, and the sizes of the records there. */
const log = sizes.chain((of) =>
  fc.array(fc.record({ gap: fc.constantFrom(0, 0, 0, 1, 5), size: fc.constantFrom(...of) }), {
    minLength: LOG_LENGTH,
    maxLength: LOG_LENGTH,
  }),
)

interface Reading {
  /** Index in the log of what is delivered next. */
  position: number
  /** Index of what is delivered next after a crash. */
  committed: number
  assigned: boolean
}

/** A worker as far as it matters to its task; its logs and what it has committed outlive the task. */
async function play(logs: readonly (readonly SinkRecord[])[], steps: readonly Step[], store: MemoryStore) {
  let turns = 0
  const slow: ObjectStore = {
    ...store,
    async put(key, body, signal) {
      for (let i = turns; i > 0; i--) await turn()
      await store.put(key, body, signal)
    },
    async [Symbol.asyncDispose]() {},
  }
  const readings = logs.map((): Reading => ({ position: 0, committed: 0, assigned: false }))
  const named = (numbers: readonly number[]) => numbers.map((number) => ({ topic: 't', partition: number }))
  const assigned = () => PARTITIONS.filter((number) => readings[number]!.assigned)
  const paused = new Set<number>()
  const read = new WeakMap<Uint8Array, readonly string[]>()
  const keysIn = (key: string, body: Uint8Array): readonly string[] => {
    const known =
      read.get(body) ?? storedRecords({ objects: new Map([[key, body]]) }, '').map((one) => String(one.key))
    read.set(body, known)
    return known
  }
  const stored = () => new Set([...store.objects].flatMap(([key, body]) => keysIn(key, body)))
  let last: readonly SinkRecord[] = []
  let task: SinkTask

  const start = async (): Promise<void> => {
    const context = sinkContext({ assignment: named(PARTITIONS) })
    paused.clear()
    task = await openBackupTask(
      config,
      {
        ...context,
        pause: (given) => given.forEach(({ partition: number }) => void paused.add(number)),
        resume: (given) => given.forEach(({ partition: number }) => void paused.delete(number)),
      },
      slow,
    )
    last = []
  }
  const assign = async (number: number): Promise<void> => {
    const reading = readings[number]!
    if (reading.assigned) return
    reading.assigned = true
    reading.position = reading.committed
    await task.open?.(named([number]))
  }
  const commit = async (numbers: readonly number[]): Promise<void> => {
    const nextOffset = (number: number): number =>
      (logs[number]![readings[number]!.position - 1]?.kafkaOffset ?? -1) + 1
    const asked = numbers.map((number) => ({ topic: 't', partition: number, offset: nextOffset(number) }))
    const safe = asked.length === 0 ? [] : ((await task.preCommit?.(asked)) ?? [])
    const there = stored()
    for (const [index, { partition: number, offset }] of safe.entries()) {
      assert.ok(offset <= asked[index]!.offset, 'more is committed than was delivered')
      const before = logs[number]!.filter(({ kafkaOffset }) => kafkaOffset < offset)
      for (const { kafkaOffset } of before)
        assert.ok(there.has(keyOf(number, kafkaOffset)), `${keyOf(number, kafkaOffset)} is lost`)
      readings[number]!.committed = before.length
    }
  }
  const revoke = async (number: number, lost: boolean): Promise<void> => {
    if (!readings[number]!.assigned) return
    if (!lost) await commit([number])
    await task.close?.(named([number]))
    readings[number]!.assigned = false
    last = last.filter((record) => record.kafkaPartition !== number)
    paused.delete(number)
  }
  const deliver = async (number: number, count: number): Promise<void> => {
    const reading = readings[number]!
    if (!reading.assigned || paused.has(number)) return
    last = logs[number]!.slice(reading.position, reading.position + count)
    reading.position += last.length
    await task.put(last)
  }
  const perform = async (given: Step): Promise<void> => {
    if (given.type === 'deliver') await deliver(given.partition, given.count)
    else if (given.type === 'again') await task.put(last)
    else if (given.type === 'commit') await commit(assigned())
    else if (given.type === 'revoke') await revoke(given.partition, given.lost)
    else if (given.type === 'assign') await assign(given.partition)
    else if (given.type === 'fail') store.fail('put', retriable('SlowDown'), given)
    else if (given.type === 'slow') turns = given.turns
    else if (given.type === 'turns') for (let i = 0; i < given.count; i++) await turn()
    else if (given.type === 'rewind') {
      for (const reading of readings) reading.position = Math.min(reading.position, reading.committed)
      last = []
    } else {
      const running = assigned()
      await task[Symbol.asyncDispose]()
      await start()
      for (const number of running) {
        readings[number]!.assigned = false
        await assign(number)
      }
    }
  }

  await start()
  for (const number of PARTITIONS) await assign(number)
  for (const given of steps) await perform(given)
  // all is well from here on: everything gets through
  for (const number of PARTITIONS) await assign(number)
  for (let round = 0; readings.some(({ committed }) => committed < LOG_LENGTH); round++) {
    assert.ok(round < 200, 'nothing gets on')
    for (const number of PARTITIONS) await deliver(number, 8)
    await commit(PARTITIONS)
  }
  await task![Symbol.asyncDispose]()
}

/** Each object holds what its name says, in order, as it was in the log. */
function checkObjects(logs: readonly (readonly SinkRecord[])[], store: MemoryStore): void {
  for (const [key, body] of store.objects) {
    const number = Number(key.split('/')[1])
    const held = storedRecords({ objects: new Map([[key, body]]) }, '')
    const [first] = held
    const { start, end } = offsetsOf(partitionFolder('', 't', number), key)!
    const expected = logs[number]!.filter(({ kafkaOffset }) => kafkaOffset >= start && kafkaOffset <= end)
    assert.deepEqual([first?.offset, held.at(-1)?.offset], [start, end])
    assert.deepEqual(
      held.map(({ offset, key: recordKey, value }) => [offset, String(recordKey), value?.length]),
      expected.map(({ kafkaOffset, value }) => [
        kafkaOffset,
        keyOf(number, kafkaOffset),
        (value as Uint8Array).length,
      ]),
    )
    assert.ok(body.length <= OBJECT_BYTES || held.length === 1)
  }
}

test('whatever happens, what is committed is stored, and everything is in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(log, log, log),
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (shapes, steps) => {
        const logs = shapes.map((shape, number) => {
          let offset = -1
          return shape.map(({ gap, size }) => {
            offset += gap + 1
            return sinkRecord({
              topic: 't',
              kafkaPartition: number,
              kafkaOffset: offset,
              key: Buffer.from(keyOf(number, offset)),
              value: LARGEST.subarray(0, size),
            })
          })
        })
        const store = openMemoryStore()
        await play(logs, steps, store)
        checkObjects(logs, store)
      },
    ),
    { numRuns: 40 },
  )
})
