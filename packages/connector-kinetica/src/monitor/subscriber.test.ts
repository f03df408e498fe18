import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { openSubscriber, type SubscriberOptions } from './subscriber.ts'
import { greetingOf, message, openRawPublisher, publishing, readyOf } from './testing/publisher.ts'
import { command, type ZmtpEvent } from './zmtp.ts'

const open = (port: number, options: Partial<SubscriberOptions> = {}) =>
  openSubscriber({
    host: '127.0.0.1',
    port,
    topic: 'topic',
    signal: AbortSignal.timeout(10_000),
    openingMs: 5000,
    ...options,
  })
const patience = () => AbortSignal.timeout(10_000)
const texts = (frames: readonly Buffer[]) => frames.map((frame) => frame.toString())

describe('a subscriber', () => {
  for (const minor of [0, 1]) {
    it(`receives the rows of its topic alone, of a publisher of 3.${minor}`, async () => {
      const messages = [
        message(['topic', 'one', 'two']),
        message(['topic and more', 'not ours']),
        message(['topic']),
        message(['topic', 'three'], true),
      ]
      await using publisher = await openRawPublisher(publishing(messages), greetingOf(minor))
      await using subscriber = await open(publisher.port)
      const rows: string[] = []
      while (rows.length < 3) rows.push(...texts(await subscriber.receive(patience())))
      assert.deepEqual(rows, ['one', 'two', 'three'])
    })
  }

  it('counts as subscribed only when a publisher of 3.1 has answered what came behind the subscription', async () => {
    const seen: string[] = []
    await using publisher = await openRawPublisher((event, socket) => {
      if (event.kind === 'command') seen.push(event.name)
      publishing([])(event, socket)
    })
    await using _subscriber = await open(publisher.port)
    assert.deepEqual(seen, ['READY', 'SUBSCRIBE', 'PING'])
  })

  it('answers a PING with what it carries', async () => {
    const asked = Promise.withResolvers<ZmtpEvent>()
    await using publisher = await openRawPublisher((event, socket) => {
      publishing([])(event, socket)
      if (event.kind === 'command' && event.name === 'SUBSCRIBE')
        socket.write(command('PING', Buffer.from('\0\x01context')))
      if (event.kind === 'command' && event.name === 'PONG') asked.resolve(event)
    })
    await using _subscriber = await open(publisher.port)
    const answer = await asked.promise
    assert.equal(answer.kind === 'command' && answer.body.toString(), 'context')
  })

  it('hands out what had come before it says that the connection is lost', async () => {
    await using publisher = await openRawPublisher((event, socket) => {
      publishing([message(['topic', 'last'])])(event, socket)
      if (event.kind === 'command' && event.name === 'PING') socket.end()
    })
    await using subscriber = await open(publisher.port)
    assert.deepEqual(texts(await subscriber.receive(patience())), ['last'])
    await assert.rejects(subscriber.receive(patience()), { code: 'retriable', message: /was closed/ })
  })

  it('reads no more than its buffer holds until it is asked', async () => {
    const row = Buffer.alloc(1024, 7)
    const batch = message(['topic', ...Array.from({ length: 64 }, () => row)])
    const total = 400
    let written = 0
    await using publisher = await openRawPublisher((event, socket) => {
      publishing([])(event, socket)
      if (event.kind !== 'command' || event.name !== 'PING') return
      const send = () => {
        while (written < total) {
          written++
          if (!socket.write(batch)) return
        }
      }
      socket.on('drain', send)
      send()
    })
    await using subscriber = await open(publisher.port, { bufferBytes: 64 * 1024 })
    let rows = 0
    let largest = 0
    while (rows < total * 64) {
      const received = await subscriber.receive(patience())
      largest = Math.max(largest, received.length)
      rows += received.length
    }
    assert.equal(rows, total * 64)
    // a read of the socket that went beyond the bound, and a read is 64 KiB
    assert.ok(largest <= 64 + 2 * 64, `${largest} rows at once`)
  })

  it('asks a silent publisher whether it is there, and gives up one that does not answer', async () => {
    let answers = 3
    await using publisher = await openRawPublisher((event, socket) => {
      if (event.kind === 'command' && event.name === 'PING' && answers-- <= 0) return
      publishing([])(event, socket)
    })
    await using subscriber = await open(publisher.port, { idleMs: 200 })
    await assert.rejects(subscriber.receive(patience()), { code: 'retriable', message: /nothing came for/ })
    assert.ok(answers < 0)
  })

  it('settles when what it waits for is no longer wanted', async () => {
    await using publisher = await openRawPublisher(publishing([]))
    await using subscriber = await open(publisher.port)
    const abort = new AbortController()
    const received = subscriber.receive(abort.signal)
    abort.abort()
    assert.deepEqual(await received, [])
    const opening = new AbortController()
    await using silent = await openRawPublisher(() => opening.abort())
    await assert.rejects(open(silent.port, { signal: opening.signal }), { name: 'AbortError' })
    await assert.rejects(open(silent.port, { openingMs: 50 }), { code: 'retriable', message: /within 50 ms/ })
  })

  it('is retriable where nobody listens, and says what answers where no publisher does', async () => {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as { port: number }
    free.close()
    await once(free, 'close')
    await assert.rejects(open(port), { code: 'retriable', message: /ECONNREFUSED/ })

    const cases: readonly (readonly [Buffer, Buffer, RegExp])[] = [
      [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), Buffer.alloc(0), /no publisher of ZeroMQ/],
      [greetingOf(1, 'PLAIN'), Buffer.alloc(0), /"PLAIN"/],
      [greetingOf(1), readyOf('PULL'), /type "PULL"/],
      [greetingOf(1), message(['topic', 'early']), /before its READY/],
      [greetingOf(1), command('ERROR', Buffer.from('\x06go off')), /it says "go off"/],
      [greetingOf(1), command('PING', Buffer.alloc(2)), /first command is "PING"/],
    ]
    for (const [greeting, answer, why] of cases) {
      await using publisher = await openRawPublisher((event, socket) => {
        if (event.kind === 'greeting') socket.write(answer)
      }, greeting)
      await assert.rejects(open(publisher.port), { code: 'connect', message: why })
    }
  })

  it('gives up a publisher that floods it with PINGs and reads no answers', async () => {
    const flood = Buffer.concat(
      Array.from({ length: 20_000 }, () => command('PING', Buffer.from('\0\0sixteen bytes of'))),
    )
    await using publisher = await openRawPublisher((event, socket) => {
      publishing([])(event, socket)
      if (event.kind !== 'command' || event.name !== 'PING') return
      socket.pause()
      const send = () => {
        while (socket.write(flood)) {}
      }
      socket.on('drain', send)
      send()
    })
    await using subscriber = await open(publisher.port)
    await assert.rejects(subscriber.receive(patience()), { code: 'retriable', message: /does not read/ })
  })
})
