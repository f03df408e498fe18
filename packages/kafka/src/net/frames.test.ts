import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedError } from '@isthmus/protocol'
import { rawFrame } from '../testing/scripted-server.ts'
import { FrameReader } from './frames.ts'

const bodies = [4, 5, 1000, 31 * 1024, 33 * 1024, 700_000, 4, 100_000].map((size, i) =>
  Buffer.alloc(size, i + 1),
)
const stream = Buffer.concat(bodies.map((body) => rawFrame(body)))

test('frames come out whole however the stream is cut', () => {
  for (const cut of [1, 3, 7, 1460, 65_536, stream.length]) {
    const frames: Buffer[] = []
    const reader = new FrameReader(1_000_000, (frame) => frames.push(frame))
    for (let at = 0; at < stream.length; at += cut) reader.push(stream.subarray(at, at + cut))
    assert.equal(frames.length, bodies.length)
    for (const [i, body] of bodies.entries())
      assert.ok(frames[i]?.equals(body), `frame ${i} in pieces of ${cut}`)
  }
})

test('frames come out whole when the socket reads into the buffers it is given', () => {
  for (const most of [1, 5, 1460, 65_536, 1_000_000]) {
    const frames: Buffer[] = []
    const reader = new FrameReader(1_000_000, (frame) => frames.push(frame))
    for (let at = 0; at < stream.length; ) {
      const into = reader.next()
      const bytes = Math.min(into.length, most, stream.length - at)
      stream.copy(into, 0, at, at + bytes)
      at += bytes
      reader.filled(bytes)
    }
    assert.equal(frames.length, bodies.length)
    for (const [i, body] of bodies.entries())
      assert.ok(frames[i]?.equals(body), `frame ${i} in reads of ${most}`)
  }
})

test('sizes that no frame has are refused before memory is taken for them', () => {
  for (const [size, hint] of [
    [3, ''],
    [-1, ''],
    [1_000_001, ''],
    [0x15030303, 'TLS'],
    [0x48545450, 'HTTP'],
  ] as const) {
    const reader = new FrameReader(1_000_000, () => assert.fail('a frame'))
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(size)
    assert.throws(
      () => reader.push(prefix),
      (error: Error) => error instanceof MalformedError && error.message.includes(hint),
    )
  }
})
