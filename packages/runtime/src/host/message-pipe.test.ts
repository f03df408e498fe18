import assert from 'node:assert/strict'
import { PassThrough, Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { MESSAGE_MAX, messageSender, receiveMessages } from './message-pipe.ts'

/** What arrives when these bytes come in pieces of a size. */
function received(bytes: Buffer, size: number) {
  const messages: unknown[] = []
  let broken: string | null = null
  const pipe = new PassThrough()
  receiveMessages(
    pipe,
    (message) => messages.push(message),
    (error) => {
      assert.equal(broken, null)
      broken = error.message
    },
  )
  for (let at = 0; at < bytes.length; at += size) pipe.emit('data', bytes.subarray(at, at + size))
  return { messages, broken }
}
function sent(...messages: unknown[]): Buffer {
  const parts: Buffer[] = []
  const pipe = new Writable({
    write(chunk: Buffer, _, done) {
      parts.push(chunk)
      done()
    },
  })
  const send = messageSender(pipe)
  for (const message of messages) send(message)
  return Buffer.concat(parts)
}

describe('messages between processes', () => {
  it('keep what structured cloning keeps, however the bytes are cut', () => {
    const messages = [
      'started',
      {
        big: 2n ** 63n,
        bytes: new Uint8Array([1, 2, 3]),
        none: undefined,
        nil: null,
        not: Number.NaN,
        minus: -0,
      },
      { at: new Date(5), map: new Map([['a', new Set([1])]]), text: 'ü€😀\u0000', list: [undefined, 1] },
      Object.assign(new Error('e', { cause: new TypeError('t') })),
      {},
    ]
    const bytes = sent(...messages)
    for (const size of [1, 2, 7, 64, bytes.length]) {
      const { messages: got, broken } = received(bytes, size)
      assert.equal(broken, null)
      assert.deepEqual(got, messages)
    }
  })

  it('end at what is none, with the reason', () => {
    const good = sent('one')
    const long = Buffer.alloc(4)
    long.writeUInt32LE(MESSAGE_MAX + 1)
    const foreign = Buffer.from([4, 0, 0, 0, 1, 2, 3, 4])
    for (const bad of [long, foreign]) {
      const { messages, broken } = received(Buffer.concat([good, bad, good]), 1000)
      assert.deepEqual(messages, ['one'])
      assert.ok(broken !== null)
    }
  })

  it('are refused by the sender where they cannot be cloned', () => {
    assert.throws(() => sent({ f: () => {} }), /could not be cloned/)
  })
})
