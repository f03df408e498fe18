import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OBJECT_BYTES, openObjectMemory } from './memory.ts'

const sizesOf = (...asked: readonly number[]): number[] => {
  const memory = openObjectMemory()
  return asked.map((size) => memory.take(size).length)
}

test('memory comes in few sizes, none larger than an object unless it has to be', () => {
  assert.deepEqual(sizesOf(0, 8192, 8193, 40_000), [8192, 8192, 16_384, 65_536])
  assert.deepEqual(sizesOf(OBJECT_BYTES - 1, OBJECT_BYTES), [OBJECT_BYTES, OBJECT_BYTES])
  assert.deepEqual(sizesOf(OBJECT_BYTES + 1), [OBJECT_BYTES + 1])
})

test('what is given back is used again, until it is released', () => {
  const memory = openObjectMemory()
  const first = memory.take(OBJECT_BYTES)
  memory.giveBack(first.buffer)
  assert.equal(memory.take(1_000_000).buffer === first.buffer, false)
  assert.equal(memory.take(OBJECT_BYTES).buffer, first.buffer)
  assert.notEqual(memory.take(OBJECT_BYTES).buffer, first.buffer)
  memory.giveBack(first.buffer)
  memory.release()
  assert.notEqual(memory.take(OBJECT_BYTES).buffer, first.buffer)
})

test('only so much is kept, and nothing that is not worth it', () => {
  const memory = openObjectMemory()
  const given = Array.from({ length: 8 }, () => Buffer.allocUnsafeSlow(OBJECT_BYTES))
  for (const { buffer } of given) memory.giveBack(buffer)
  const known = new Set<ArrayBufferLike>(given.map(({ buffer }) => buffer))
  const taken = given.map(() => memory.take(OBJECT_BYTES).buffer)
  assert.equal(taken.filter((buffer) => known.has(buffer)).length, 4)

  const small = memory.take(10)
  const large = memory.take(2 * OBJECT_BYTES)
  for (const { buffer } of [small, large]) memory.giveBack(buffer)
  assert.notEqual(memory.take(10).buffer, small.buffer)
  assert.notEqual(memory.take(2 * OBJECT_BYTES).buffer, large.buffer)
})
