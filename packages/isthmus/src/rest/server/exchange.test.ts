import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from './http.ts'
import { openRestServer } from './server.ts'

/** More than the buffers of a connection hold. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'x')
/** Those of the server are in this process. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
const host = 'host: x\r\n'

/** A server that answers a large text, or a small one, or the length of a body; what it holds ends with its connection. */
async function opened(bounds: Parameters<typeof openRestServer>[3] = {}) {
  const asked: string[] = []
  const held = Promise.withResolvers<void>()
  const answer: Answer = async (request) => {
    asked.push(request.path)
    const body = request.method === 'PUT' ? Buffer.from(String((await request.body()).length)) : LARGE
    if (request.path === '/held') {
      held.resolve()
      if (!request.signal.aborted) await once(request.signal, 'abort')
    }
    return { status: 200, headers: {}, body: request.path.startsWith('/small') ? Buffer.from('.') : body }
  }
  const safe: Answer = (request) =>
    answer(request).catch((error) => ({
      status: error.status,
      headers: {},
      body: Buffer.from(error.message),
    }))
  const server = await openRestServer(safe, [{ protocol: 'http', host: '127.0.0.1', port: 0 }], null, bounds)
  return {
    asked,
    held: held.promise,
    port: server.bound[0]?.port ?? 0,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** All that comes until `fits`, or the connection is closed. */
async function read(socket: Socket, fits: (text: string) => boolean): Promise<string> {
  let text = ''
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += (chunk as Buffer).toString('latin1')
    if (fits(text)) break
  }
  return text
}

const ask = async (port: number, text: string): Promise<string> => {
  const socket = await connected(port)
  socket.write(text)
  const answer = await read(socket, () => false)
  socket.destroy()
  return answer
}
const small = (port: number) => ask(port, `GET /small HTTP/1.1\r\n${host}connection: close\r\n\r\n`)

describe('requests and answers within bounds', { timeout: 60_000 }, () => {
  it('answers the next request of a connection when the answer before it has been read', async () => {
    await using server = await opened()
    const socket = await connected(server.port)
    const paths = Array.from({ length: 5 }, (_, index) => `/${index}`)
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join(''))
    // they have arrived, since this has
    while (!server.asked.includes('/0')) await small(server.port)
    await small(server.port)
    assert.deepEqual(
      server.asked.filter((path) => path !== '/small'),
      ['/0'],
    )
    let bytes = 0
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      bytes += (chunk as Buffer).length
      if (bytes > paths.length * LARGE.length) break
    }
    assert.deepEqual(
      server.asked.filter((path) => path !== '/small'),
      paths,
    )
    socket.destroy()
  })

  it('refuses an answer when too much of others is not read yet', async () => {
    await using server = await opened({ answerBytes: 2.5 * LARGE.length })
    const slow = [await connected(server.port), await connected(server.port)]
    for (const socket of slow) {
      socket.write(`GET /large HTTP/1.1\r\n${host}\r\n`)
      await once(socket, 'readable')
    }
    const large = () => ask(server.port, `GET /third HTTP/1.1\r\n${host}connection: close\r\n\r\n`)
    assert.match(await large(), /^HTTP\/1\.1 503 [\s\S]*Too many answers wait to be read/)
    for (const socket of slow) socket.destroy()
    // the server hears of it a little later
    let answer = ''
    while (!answer.startsWith('HTTP/1.1 200 ')) answer = await large()
  })

  it('refuses a body when too much of others is there, and takes it when that has gone', async () => {
    await using server = await opened({ bodyBytes: 1_000_000 })
    const put = (path: string, body: string) =>
      `PUT ${path} HTTP/1.1\r\n${host}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
    const other = () => ask(server.port, put('/body', 'x'.repeat(200_000)))
    const first = await connected(server.port)
    first.write(put('/held', 'x'.repeat(900_000)))
    await server.held
    assert.match(await other(), /^HTTP\/1\.1 503 [\s\S]*Too many request bodies arrive at once/)
    first.destroy()
    // the server hears of it a little later
    let answer = ''
    while (!answer.startsWith('HTTP/1.1 200 ')) answer = await other()
  })

  it('refuses a body of more than 8 MiB, announced or not, and goes on with the connection', async () => {
    await using server = await opened()
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`
    for (const sent of [
      `content-length: 9000000\r\n\r\n${'x'.repeat(9_000_000)}`,
      `transfer-encoding: chunked\r\n\r\n${chunk.repeat(9)}0\r\n\r\n`,
    ]) {
      const socket = await connected(server.port)
      socket.write(`PUT /body HTTP/1.1\r\n${host}${sent}GET /small HTTP/1.1\r\n${host}\r\n`)
      const answers = await read(socket, (text) => text.endsWith('\r\n\r\n.'))
      assert.match(answers, /^HTTP\/1\.1 413 [\s\S]*larger than 8388608 bytes\s*HTTP\/1\.1 200 [\s\S]*\.$/)
      socket.destroy()
    }
  })

  it('answers a request that would be upgraded as it is, and what comes behind it', async () => {
    await using server = await opened()
    const upgrade = `PUT /up HTTP/1.1\r\n${host}connection: Upgrade\r\nupgrade: h2c\r\n`
    const answers = await ask(
      server.port,
      [
        `GET /small/1 HTTP/1.1\r\n${host}\r\n`,
        `${upgrade}content-length: 3\r\n\r\nabc`,
        `${upgrade}content-length: 0\r\n\r\n`,
        `GET /small/2 HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      ].join(''),
    )
    assert.deepEqual(server.asked, ['/small/1', '/up', '/up', '/small/2'])
    assert.deepEqual(
      [...answers.matchAll(/\r\n\r\n(.)/g)].map(([, body]) => body),
      ['.', '3', '0', '.'],
    )
  })

  it('closes a connection whose answer is read for too long', async () => {
    await using server = await opened({ patienceMs: 200 })
    const socket = await connected(server.port)
    socket.write(`GET /large HTTP/1.1\r\n${host}\r\n`)
    await once(socket, 'readable')
    const withIt = sockets()
    // a little at a time, without a pause that would count as silence
    while (sockets() === withIt) {
      socket.read(1000)
      await setTimeout(20)
    }
    socket.destroy()
  })
})
