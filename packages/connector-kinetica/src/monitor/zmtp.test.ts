import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { greetingOf, message, readyOf } from './testing/publisher.ts'
import { GREETING, openZmtpReader, READY, readMetadata, type ZmtpEvent } from './zmtp.ts'

const LIMIT = 4096

const readAll = (pieces: readonly Buffer[], limit = LIMIT): readonly ZmtpEvent[] => {
  const reader = openZmtpReader(limit)
  return pieces.flatMap((piece) => reader.feed(piece))
}
const shown = (events: readonly ZmtpEvent[]) =>
  events.map((event) =>
    event.kind === 'greeting' ? event : { ...event, body: Buffer.from(event.body).toString('latin1') },
  )

/** A generator of the same numbers for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function cut(bytes: Buffer, random: () => number): readonly Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + Math.floor(random() * random() * 700)
    pieces.push(bytes.subarray(at, end))
    at = end
  }
  return pieces
}

describe('the wire of ZeroMQ', () => {
  const conversation = Buffer.concat([
    greetingOf(1),
    readyOf('XPUB'),
    message(['topic', 'a row', Buffer.alloc(255, 1), Buffer.alloc(256, 2), Buffer.alloc(3000, 3), '']),
    message(['topic', 'with a long header'], true),
    READY,
  ])
  const whole = readAll([conversation])

  it('is cut into a greeting, commands and frames', () => {
    assert.deepEqual(
      shown(whole).map((event) => (event.kind === 'frame' ? [event.more, event.body.length] : event.kind)),
      [
        'greeting',
        'command',
        [true, 5],
        [true, 5],
        [true, 255],
        [true, 256],
        [true, 3000],
        [false, 0],
        [true, 5],
        [false, 18],
        'command',
      ],
    )
  })

  it('is the same however the bytes come', () => {
    for (let seed = 1; seed <= 200; seed++)
      assert.deepEqual(shown(readAll(cut(conversation, numbers(seed)))), shown(whole), `seed ${seed}`)
    const bytes = Array.from(conversation, (_, at) => conversation.subarray(at, at + 1))
    assert.deepEqual(shown(readAll(bytes)), shown(whole))
  })

  it('survives any bytes: they are events or an error, and no more is held than a frame', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = numbers(seed)
      const noise = Buffer.from(conversation)
      const changes = 1 + Math.floor(random() * 8)
      for (let change = 0; change < changes; change++)
        noise[Math.floor(random() * noise.length)] = Math.floor(random() * 256)
      try {
        readAll(cut(noise, random))
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'connect', `seed ${seed}: ${error}`)
      }
    }
  })

  it('is refused at the first byte that tells another protocol, an old version or a security mechanism', () => {
    const refuses = (bytes: Buffer | string, why: RegExp) =>
      assert.throws(() => readAll([Buffer.from(bytes as string)]), { code: 'connect', message: why })
    refuses('H', /no publisher of ZeroMQ/)
    refuses(GREETING.subarray(0, 9).toString('latin1').replace('\xff', 'x'), /no publisher of ZeroMQ/)
    refuses(greetingOf(0, 'NULL', 1).subarray(0, 11), /ZMTP 2/)
    refuses(greetingOf(1, 'CURVE'), /mechanism "CURVE"/)
  })

  it('is refused where a length is beyond bounds, before anything of that length has come', () => {
    const header = (flags: number, high: number, low: number): Buffer => {
      const bytes = Buffer.alloc(9)
      bytes[0] = flags
      bytes.writeUInt32BE(high, 1)
      bytes.writeUInt32BE(low, 5)
      return bytes
    }
    const refuses = (bytes: Buffer, why: RegExp) =>
      assert.throws(() => readAll([greetingOf(1), bytes]), { code: 'connect', message: why })
    refuses(header(2, 0, LIMIT + 1), /frame has 4097 bytes, and 4096/)
    refuses(header(2, 0xffffffff, 0xffffffff), /frame has \d+ bytes, and 4096/)
    assert.throws(
      () => readAll([greetingOf(1), header(6, 0, 65537)], 2 ** 30),
      /command has 65537 bytes, and 65536/,
    )
    refuses(Buffer.from([8, 0]), /flags 8/)
    refuses(Buffer.from([5, 0]), /flags 5/)
    refuses(Buffer.from([4, 1, 9]), /command has no name/)
  })

  it('names the properties of a READY, and refuses one that is cut off', () => {
    assert.deepEqual(
      [...readMetadata(READY.subarray(8))],
      [
        ['socket-type', 'SUB'],
        ['identity', ''],
      ],
    )
    assert.throws(() => readMetadata(READY.subarray(8, -1)), /cut off/)
    assert.throws(() => readMetadata(Buffer.from([200])), /cut off/)
  })
})
