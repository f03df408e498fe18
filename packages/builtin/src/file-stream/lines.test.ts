import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openLineSplitter } from './lines.ts'

function split(
  bytes: Buffer,
  sizes: () => number,
): { lines: string[]; positions: number[]; waiting: number } {
  const splitter = openLineSplitter(0)
  const lines: string[] = []
  const positions: number[] = []
  const shared = Buffer.alloc(bytes.length + 1)
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(sizes(), bytes.length - at)
    // the same memory for every chunk, as the reader does it
    bytes.copy(shared, 0, at, at + size)
    splitter.feed(shared.subarray(0, size))
    at += size
    for (let line = splitter.next(); line !== null; line = splitter.next()) {
      lines.push(line)
      positions.push(splitter.position)
    }
  }
  return { lines, positions, waiting: splitter.waiting }
}

/** Slow and plain. */
function model(bytes: Buffer): { lines: string[]; positions: number[]; waiting: number } {
  const lines: string[] = []
  const positions: number[] = []
  let from = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 10 && bytes[i] !== 13) continue
    if (bytes[i] === 13 && i + 1 >= bytes.length) break
    lines.push(bytes.toString('utf8', from, i))
    if (bytes[i] === 13 && bytes[i + 1] === 10) i++
    from = i + 1
    positions.push(from)
  }
  return { lines, positions, waiting: bytes.length - from }
}

describe('lines out of bytes', () => {
  it('end with LF, CRLF or CR; the last CR waits for what follows', () => {
    const { lines, positions, waiting } = split(Buffer.from('a\nb\r\nc\rd\n\n\r\r\ne\r'), () => 1000)
    assert.deepEqual(lines, ['a', 'b', 'c', 'd', '', '', ''])
    assert.deepEqual(positions, [2, 5, 7, 9, 10, 11, 13])
    assert.equal(waiting, 2)
  })

  it('are counted in bytes, so that reading goes on at the right place after a restart', () => {
    const bytes = Buffer.from('äöü\n€uro\n😀\n')
    const { positions } = split(bytes, () => 1000)
    assert.deepEqual(positions, [7, 14, 19])
    assert.equal(bytes.subarray(14).toString(), '😀\n')
  })

  it('are the same however the bytes arrive: any text, any chunks, invalid UTF-8 replaced', () => {
    let seed = 3
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % below
    }
    const pieces = ['a', 'bc', '\n', '\r', '\r\n', 'ä', '€', '😀', 'x'.repeat(40)].map((text) =>
      Buffer.from(text),
    )
    pieces.push(Buffer.of(0xff), Buffer.of(0xc3))
    for (let round = 0; round < 2000; round++) {
      const bytes = Buffer.concat(Array.from({ length: random(30) }, () => pieces[random(pieces.length)]!))
      const longest = 1 + random(12)
      assert.deepEqual(
        split(bytes, () => 1 + random(longest)),
        model(bytes),
        bytes.toString('hex'),
      )
    }
  })

  it('may be longer than any chunk', () => {
    const long = 'ü'.repeat(5_000_000)
    const { lines, positions } = split(Buffer.from(`${long}\nshort\n`), () => 262_144)
    assert.equal(lines[0] === long, true)
    assert.equal(lines[1], 'short')
    assert.deepEqual(positions, [10_000_001, 10_000_007])
  })
})
