import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameReader } from './frames.ts'

const frame = (size: number, fill: number) => {
  const bytes = Buffer.alloc(size + 4, fill)
  bytes.writeInt32BE(size)
  return bytes
}

test('finds the same frames however the stream is cut', () => {
  const sizes = [10, 11, 5000, 10, 70_000, 4096, 12]
  const stream = Buffer.concat(sizes.map((size, at) => frame(size, at + 1)))
  for (const step of [1, 2, 3, 4, 5, 7, 100, 4096, 65_536, stream.length]) {
    const found: string[] = []
    const reader = new FrameReader(100_000, (bytes) => {
      assert.ok(bytes.every((byte) => byte === bytes[0]))
      found.push(`${bytes.length}:${bytes[0]}`)
    })
    for (let at = 0; at < stream.length; at += step) reader.push(stream.subarray(at, at + step))
    assert.deepEqual(
      found,
      sizes.map((size, at) => `${size}:${at + 1}`),
      `in steps of ${step}`,
    )
  }
})

test('refuses lengths that no request has', () => {
  for (const size of [-1, 0, 9, 101]) {
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(size)
    const reader = new FrameReader(100, () => assert.fail('a frame'))
    assert.throws(() => reader.push(prefix), new RegExp(`a request of ${size} bytes`))
  }
})
