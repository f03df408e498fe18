import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tail, TailCache } from './tail-cache.ts'

const add = (cache: TailCache, tail: Tail, offset: number, size = 1000) =>
  cache.add(tail, offset, offset + 1, Buffer.alloc(size, offset))
const starts = (bytes: Buffer | null) => bytes && [...bytes].filter((_, at) => at % 1000 === 0)

test('gives the newest batches, bounded by bytes and by the limit', () => {
  const cache = new TailCache(1 << 20)
  const tail = new Tail()
  for (let offset = 5; offset < 10; offset++) add(cache, tail, offset)
  assert.deepEqual(starts(tail.read(5, 99, 10_000)), [5, 6, 7, 8, 9])
  assert.deepEqual(starts(tail.read(6, 99, 2000)), [6, 7])
  assert.deepEqual(starts(tail.read(6, 99, 1)), [6])
  assert.deepEqual(starts(tail.read(7, 9, 10_000)), [7, 8])
  assert.equal(tail.read(4, 99, 1000), null)
  assert.equal(tail.read(10, 99, 1000), null)
  assert.equal(tail.read(8, 8, 1000), null)
})

test('all tails together stay within the limit, and the oldest batch goes first', () => {
  const cache = new TailCache(13_000)
  const [one, two] = [new Tail(), new Tail()]
  for (let offset = 0; offset < 5; offset++) {
    add(cache, one, offset)
    add(cache, two, offset)
  }
  assert.equal(starts(one.read(0, 99, 99_999))?.length, 5)
  for (let offset = 5; offset < 500; offset++) add(cache, two, offset)
  assert.equal(one.read(0, 99, 1), null)
  assert.equal(one.read(4, 99, 1), null)
  assert.equal(two.read(489, 999, 1), null)
  assert.equal(starts(two.read(490, 999, 99_999))?.length, 10)
})

test('a small view of a big chunk does not keep the chunk', () => {
  const cache = new TailCache(1 << 20)
  const tail = new Tail()
  cache.add(tail, 0, 1, Buffer.alloc(65_536, 7).subarray(100, 200))
  const found = tail.read(0, 1, 1000)!
  assert.equal(found.buffer.byteLength, 100)
  assert.ok(found.length === 100 && found.every((byte) => byte === 7))
})
