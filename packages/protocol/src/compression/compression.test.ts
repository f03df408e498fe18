import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Compression,
  compress,
  compressionIds,
  compressionOf,
  decompress,
  decompressAsync,
} from './compression.ts'

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const text = (lines: number) =>
  Buffer.from(
    Array.from({ length: lines }, (_, i) => `line ${i} has hash ${(i * 2654435761) >>> 0}\n`).join(''),
  )
/** Bytes without any pattern, the same in each run. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0, x = 1; i < size; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0
    bytes[i] = x >>> 24
  }
  return bytes
}
const samples = {
  nothing: Buffer.alloc(0),
  'one byte': text(1).subarray(0, 1),
  'a line': text(1),
  'three blocks': text(5000),
  noise: noise(200_000),
  zeros: Buffer.alloc(1_000_000),
}

for (const codec of codecs) {
  test(`${codec} gives back what it was given, of any size and kind`, async () => {
    for (const [name, data] of Object.entries(samples)) {
      const packed = compress(codec, data)
      assert.ok(packed.length <= data.length + data.length / 100 + 64, `${name} grew to ${packed.length}`)
      assert.deepEqual(decompress(codec, packed), data, name)
      assert.deepEqual(await decompressAsync(codec, packed), data, name)
    }
  })

  test(`${codec} is stopped at the limit, and may just reach it`, async () => {
    for (const data of [samples.zeros, samples.noise]) {
      const packed = compress(codec, data)
      assert.equal(decompress(codec, packed, data.length).length, data.length)
      const tooLarge = { kafka: 'MESSAGE_TOO_LARGE', message: /more than \d+ bytes/ }
      for (const limit of [data.length - 1, 1000]) {
        assert.throws(() => decompress(codec, packed, limit), tooLarge)
        await assert.rejects(decompressAsync(codec, packed, limit), tooLarge)
      }
    }
  })

  test(`${codec} refuses broken data as CORRUPT_MESSAGE, wherever it breaks`, () => {
    const packed = compress(codec, text(200))
    for (let size = 0; size < packed.length; size += 7) {
      const outcome = attempt(() => decompress(codec, packed.subarray(0, size)))
      // a cut between snappy blocks leaves a shorter but whole stream
      if (outcome !== 'CORRUPT_MESSAGE') assert.ok(codec === 'snappy' && size === 16, `${outcome} at ${size}`)
    }
    for (let at = 0; at < packed.length; at++) {
      const flipped = Buffer.from(packed)
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
      const outcome = attempt(() => decompress(codec, flipped, 1_000_000))
      assert.ok(['CORRUPT_MESSAGE', 'MESSAGE_TOO_LARGE', 'taken'].includes(outcome), `${outcome} at ${at}`)
    }
  })
}

function attempt(decompressing: () => Buffer): string {
  try {
    decompressing()
    return 'taken'
  } catch (error) {
    return (error as { kafka?: string }).kafka ?? String(error)
  }
}

test('levels of gzip and zstd count', () => {
  for (const [codec, least, most] of [
    ['gzip', 1, 9],
    ['zstd', -50, 19],
  ] as const) {
    const quick = compress(codec, samples['three blocks'], least)
    const small = compress(codec, samples['three blocks'], most)
    assert.ok(small.length < quick.length)
    assert.deepEqual(decompress(codec, quick), decompress(codec, small))
  }
})

test('each type has the id that batches carry; ids 5 to 7 are nobody’s', () => {
  for (const [type, id] of Object.entries(compressionIds))
    assert.equal(compressionOf(id), type as Compression)
  for (const id of [5, 6, 7])
    assert.throws(() => compressionOf(id), { kafka: 'UNSUPPORTED_COMPRESSION_TYPE' })
})

test('a snappy block without Java’s framing is read', () => {
  // size 11, a literal of 5 bytes, then a copy of 6 bytes from 5 before
  const block = Buffer.from([11, 4 << 2, ...Buffer.from('hello'), 0b10 | (5 << 2), 5, 0])
  assert.equal(decompress('snappy', block).toString(), 'hellohelloh')
})

test('a snappy block that claims more than it can hold is refused unseen', () => {
  const claim = Buffer.from([0xff, 0xff, 0xff, 0x1f, 0, 0]) // 64 MiB
  assert.throws(() => decompress('snappy', claim), { kafka: 'CORRUPT_MESSAGE', message: /claim/ })
  assert.throws(() => decompress('snappy', claim, 1_000_000), { kafka: 'MESSAGE_TOO_LARGE' })
})

const frame = (flags: number, descriptor: number[], ...blocks: Buffer[]) =>
  Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, ...descriptor]), ...blocks])
const end = Buffer.alloc(4)
const checksum = Buffer.from([1, 2, 3, 4])
const sized = (...bytes: (number | string)[]) => {
  const block = Buffer.concat(bytes.map((b) => (typeof b === 'number' ? Buffer.from([b]) : Buffer.from(b))))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(block.length)
  return Buffer.concat([length, block])
}
// 8 literals, then a match of 8 from 8 before, then the 5 literals a block must end in
const repeating = sized(0x84, 'abcdefgh', 8, 0, 0x50, '12345')

test('an LZ4 frame with content size and all checksums is read', () => {
  const whole = frame(0x7c, [0x40, 21, 0, 0, 0, 0, 0, 0, 0, 0xaa], repeating, checksum, end, checksum)
  assert.equal(decompress('lz4', whole).toString(), 'abcdefghabcdefgh12345')
})
test('an LZ4 frame with linked blocks is read', () => {
  // the second block begins with a match of 8 from 21 before, in the first
  const linked = frame(0x40, [0x70, 0xaa], repeating, sized(0x04, 21, 0, 0x50, '67890'), end)
  assert.equal(decompress('lz4', linked).toString(), 'abcdefghabcdefgh12345abcdefgh67890')
})
test('what is not an LZ4 frame is refused with the reason', () => {
  for (const [bytes, why] of [
    [Buffer.from('plain text, no frame'), /not an LZ4 frame/],
    [frame(0x80, [0x40, 0xaa], end), /version 2/],
    [frame(0x61, [0x40, 1, 2, 3, 4, 0xaa], end), /dictionary/],
    [frame(0x60, [0x30, 0xaa], end), /block maximum 3/],
    [frame(0x60, [0x40, 0xaa], repeating), /no end/],
    [frame(0x60, [0x40, 0xaa], end, checksum), /behind the frame/],
  ] as const)
    assert.throws(() => decompress('lz4', bytes), { kafka: 'CORRUPT_MESSAGE', message: why })
})
