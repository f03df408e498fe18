import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OBJECT_BYTES, openObjectMemory } from './memory.ts'

const sizesOf = (...asked: readonly number[]): number[] => {
  const memory = openObjectMemory()
  return asked.map((size) => memory.take(size).length)
}

test('memory comes in few sizes, none larger than an object unless it has to be', () => {
  assert.deepEqual(sizesOf(0, 8192, 8193, 40_000), [8192, 8192, 16_384, 65_536])
  assert.deepEqual(sizesOf(2 ** 20, 2 ** 20 + 1, 2 ** 21), [2 ** 20, 2 ** 21, 2 ** 21])
  assert.deepEqual(sizesOf(OBJECT_BYTES - 1, OBJECT_BYTES), [OBJECT_BYTES, OBJECT_BYTES])
  assert.deepEqual(sizesOf(OBJECT_BYTES + 1), [OBJECT_BYTES + 1])
})

test('what is given back is used again, until it is let go', () => {
  const memory = openObjectMemory()
  const first = memory.take(OBJECT_BYTES)
  memory.giveBack(first.buffer)
  assert.equal(memory.take(1_000_000).buffer === first.buffer, false)
  assert.equal(memory.take(OBJECT_BYTES).buffer, first.buffer)
  assert.notEqual(memory.take(OBJECT_BYTES).buffer, first.buffer)
  memory.giveBack(first.buffer)
  memory.keep(OBJECT_BYTES - 1)
  assert.notEqual(memory.take(OBJECT_BYTES).buffer, first.buffer)
})

test('only as much is kept as may be, and nothing that is not worth it', () => {
  const memory = openObjectMemory()
  const large = Array.from({ length: 4 }, () => memory.take(OBJECT_BYTES))
  const medium = memory.take(OBJECT_BYTES / 10)
  for (const { buffer } of [...large, medium]) memory.giveBack(buffer)
  memory.keep(3 * OBJECT_BYTES)
  const known = new Set<ArrayBufferLike>([...large, medium].map(({ buffer }) => buffer))
  const taken = [...large, medium].map(({ length }) => memory.take(length))
  const again = taken.filter(({ buffer }) => known.has(buffer))
  const bytes = again.reduce((sum, { length }) => sum + length, 0)
  assert.ok(bytes > 2 * OBJECT_BYTES && bytes <= 3 * OBJECT_BYTES)

  const [small, huge] = [memory.take(10), memory.take(2 * OBJECT_BYTES)]
  for (const { buffer } of [small, huge]) memory.giveBack(buffer)
  assert.notEqual(memory.take(10).buffer, small.buffer)
  assert.notEqual(memory.take(2 * OBJECT_BYTES).buffer, huge.buffer)
})
