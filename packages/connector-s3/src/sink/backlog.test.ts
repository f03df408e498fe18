import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, type SinkRecord } from '@isthmus/sdk'
import { sinkRecord } from '@isthmus/testkit'
import { OBJECT_BYTES, openObjectMemory } from '../objects/memory.ts'
import { Backlog } from './backlog.ts'

const HALF = OBJECT_BYTES / 2
const give = (backlog: Backlog, ...offsets: readonly number[]): void => {
  for (const kafkaOffset of offsets) backlog.add(sinkRecord({ topic: 't', kafkaOffset }))
}
const large = (kafkaOffset: number): SinkRecord =>
  sinkRecord({ topic: 't', kafkaOffset, value: new Uint8Array(HALF) })
const open = () => new Backlog('t', 0, 't/0/', openObjectMemory())
const name = (start: number, end: number) =>
  `t/0/${String(start).padStart(19, '0')}-${String(end).padStart(19, '0')}`
/** Takes and stores all that waits; the names of the objects. */
const drain = (backlog: Backlog): string[] => {
  const keys: string[] = []
  for (let next = backlog.take(); next !== null; next = backlog.take()) {
    keys.push(next.key)
    backlog.settled(true)
  }
  return keys
}

test('an object is named by its first and its last record', () => {
  const backlog = open()
  give(backlog, 5, 6, 9)
  assert.equal(backlog.waiting, 0)
  backlog.seal()
  assert.deepEqual(drain(backlog), [name(5, 9)])
  assert.equal(backlog.bytes, 0)
})

test('without records there is no object', () => {
  const backlog = open()
  backlog.seal()
  assert.equal(backlog.take(), null)
  give(backlog, 5)
  give(backlog, 0)
  backlog.seal()
  assert.deepEqual(drain(backlog), [name(0, 0)])
})

test('a record that does not fit begins the next object', () => {
  const backlog = open()
  for (const offset of [1, 2, 3]) backlog.add(large(offset))
  backlog.seal()
  assert.deepEqual(drain(backlog), [name(1, 1), name(2, 2), name(3, 3)])
})

test('the safe offset is that of the first record that is not stored, and never beyond what was delivered', () => {
  const backlog = open()
  assert.equal(backlog.safeOffset(7), 7)
  give(backlog, 7, 8)
  assert.equal(backlog.safeOffset(20), 7)
  backlog.seal()
  give(backlog, 12)
  assert.equal(backlog.safeOffset(20), 7)
  backlog.take()
  assert.equal(backlog.safeOffset(20), 7)
  backlog.settled(true)
  assert.equal(backlog.safeOffset(20), 12)
  assert.equal(backlog.safeOffset(10), 10)
  backlog.seal()
  drain(backlog)
  // records behind the last one were dropped on their way
  assert.equal(backlog.safeOffset(20), 20)
})

test('an upload that failed is taken again', () => {
  const backlog = open()
  give(backlog, 1)
  backlog.seal()
  assert.equal(backlog.take()?.key, name(1, 1))
  backlog.settled(false)
  assert.equal(backlog.safeOffset(2), 1)
  assert.deepEqual(drain(backlog), [name(1, 1)])
})

test('records that are delivered again replace those held; what lies before them stays', () => {
  const backlog = open()
  give(backlog, 1, 2, 3, 4)
  give(backlog, 3, 4, 5)
  backlog.seal()
  assert.equal(backlog.take()?.records, 5)
  backlog.settled(true)

  give(backlog, 10, 11)
  give(backlog, 10, 11)
  backlog.seal()
  assert.equal(backlog.take()?.records, 2)
})

test('objects that wait are given up when all their records come again, and kept when only some do', () => {
  const backlog = open()
  give(backlog, 1, 2)
  backlog.seal()
  give(backlog, 3, 4)
  backlog.seal()
  give(backlog, 5, 6)
  backlog.seal()
  give(backlog, 4, 5, 6)
  assert.equal(backlog.safeOffset(7), 1)
  backlog.seal()
  assert.deepEqual(drain(backlog), [name(1, 2), name(3, 4), name(4, 6)])
})

test('an object under way while its records come again: stored or not, what came again is stored', () => {
  for (const stored of [true, false]) {
    const backlog = open()
    give(backlog, 4, 5)
    backlog.seal()
    assert.equal(backlog.take()?.key, name(4, 5))
    give(backlog, 3, 4)
    assert.equal(backlog.safeOffset(5), 3)
    backlog.seal()
    give(backlog, 4)
    backlog.settled(stored)
    assert.deepEqual(drain(backlog), [name(3, 4)], String(stored))
    assert.equal(backlog.safeOffset(5), 4)
  }
})

test('an object under way with records that do not come again is tried again', () => {
  const backlog = open()
  give(backlog, 4, 5)
  backlog.seal()
  assert.equal(backlog.take()?.key, name(4, 5))
  give(backlog, 5)
  backlog.settled(false)
  assert.equal(backlog.safeOffset(6), 4)
  backlog.seal()
  assert.deepEqual(drain(backlog), [name(4, 5), name(5, 5)])
})

test('a record that a transform has moved is refused', () => {
  const backlog = open()
  for (const moved of [{ topic: 'elsewhere' }, { kafkaPartition: 3 }])
    assert.throws(
      () => backlog.add({ ...sinkRecord({ topic: 't', kafkaOffset: 9 }), ...moved }),
      (error: Error) =>
        codeOf(error) === 'data' && /t-0 at offset 9 to (elsewhere-0|t-3)/.test(error.message),
    )
  assert.equal(backlog.safeOffset(10), 10)
})

test('its memory is that of what it holds', () => {
  const backlog = open()
  backlog.add(large(1))
  const { bytes } = backlog
  assert.ok(bytes > HALF && bytes <= OBJECT_BYTES)
  assert.equal(backlog.fillingBytes, bytes)
  backlog.seal()
  give(backlog, 2)
  assert.ok(backlog.bytes > bytes)
  assert.equal(backlog.fillingBytes, backlog.bytes - bytes)
})
