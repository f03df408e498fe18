import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { openClient } from '@isthmus/client'
import { openRestWorker, type RestWorker } from './worker.ts'

const PATIENCE_MS = 800
/** Their answers are more than the buffers of a connection hold. */
const REQUESTS = 600

describe('clients that take their time', () => {
  let worker: RestWorker
  before(async () => {
    worker = await openRestWorker({}, {}, { patienceMs: PATIENCE_MS })
  })
  after(() => worker[Symbol.asyncDispose]())

  test('one that does not read its answers is cut off', { timeout: 60_000 }, async () => {
    const { socket, closed } = await opened()
    socket.pause()
    socket.write('GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(REQUESTS))
    // who does not read learns by writing that the other end is gone
    const writing = setInterval(() => socket.write('\r\n'), 20)
    await closed.finally(() => clearInterval(writing))
    assert.equal((await openClient({ url: worker.url }).health()).status, 'healthy')
  })

  test('hundreds that say nothing or a byte at a time are cut off; others are served meanwhile, and nothing half said is done', async () => {
    const body = JSON.stringify({ 'connector.class': 'FileStreamSink', topics: 't', file: '/nowhere/out' })
    const head = `PUT /connectors/half/config HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const slow = [
      ...Array.from({ length: 300 }, () => slowly('', '')),
      ...Array.from({ length: 100 }, () => slowly('GET /connectors HTTP/1.1\r\n', 'a: b\r\n'.repeat(1000))),
      ...Array.from({ length: 100 }, () => slowly(head, body)),
    ]
    const ended = Promise.all(slow)
    const client = openClient({ url: worker.url })
    let over = false
    let served = 0
    const serve = async () => {
      while (!over) {
        assert.equal((await client.health()).status, 'healthy')
        served++
      }
    }
    ended.finally(() => {
      over = true
    })
    const [answers] = await Promise.all([ended, serve()])
    assert.ok(served > 3, String(served))
    for (const answer of answers) assert.match(answer, /^(HTTP\/1\.1 408 |$)/)
    assert.ok(answers.filter((answer) => answer.startsWith('HTTP/1.1 408 ')).length >= 200)
    assert.deepEqual(await client.connectors(), [])
    assert.deepEqual(worker.lines, [])
  })

  async function opened(): Promise<{ socket: Socket; closed: Promise<unknown> }> {
    const { hostname, port } = new URL(worker.url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    // cut off: there may be an error first
    socket.on('error', () => {})
    return { socket, closed: new Promise((resolve) => socket.on('close', resolve)) }
  }

  /** What a connection is answered that sends the first text at once and the second a byte at a time, until it is cut off. */
  async function slowly(first: string, rest: string): Promise<string> {
    const { socket, closed } = await opened()
    let answer = ''
    let at = 0
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.write(first)
    const dribble = setInterval(() => {
      if (at < rest.length - 1) socket.write(rest[at++] ?? '')
    }, 40)
    await closed.finally(() => clearInterval(dribble))
    return answer
  }
})
