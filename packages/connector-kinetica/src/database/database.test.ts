import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { test } from 'node:test'
import { codeOf, secret } from '@isthmus/sdk'
import { type DatabaseOptions, openDatabase } from './database.ts'
import { reasonOf } from './failure.ts'
import { encodeMessage } from './message.ts'
import { parseUrl } from './url.ts'

async function openServer(listener: RequestListener) {
  const sockets = new Set<Socket>()
  const server = createServer(listener)
  server.on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    sockets,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const open = (url: string, options: Partial<DatabaseOptions> = {}) =>
  openDatabase({
    url,
    username: '',
    password: secret(''),
    timeoutMs: 0,
    signal: new AbortController().signal,
    ...options,
  })

const envelope = (status: string, message: string, data: unknown = {}) =>
  JSON.stringify({ status, message, data_type: 'none', data_str: JSON.stringify(data) })

const hasTable = { table_name: 't', options: {} }

test('a request carries its fields and credentials, and connections are used again', async () => {
  const seen: unknown[] = []
  await using server = await openServer(async (request, response) => {
    const body = (await request.toArray()).join('')
    seen.push([request.url, request.headers.authorization, JSON.parse(body)])
    response.end(envelope('OK', '', { table_name: 't', table_exists: true, info: {} }))
  })
  await using database = open(`${server.url}/gpudb-0/`, { username: 'ann', password: secret('pä:ss') })
  for (let call = 0; call < 3; call++)
    assert.equal((await database.call('/has/table', hasTable)).table_exists, true)
  const authorization = `Basic ${Buffer.from('ann:pä:ss').toString('base64')}`
  assert.deepEqual(seen, Array(3).fill(['/gpudb-0/has/table', authorization, hasTable]))
  assert.equal(server.sockets.size, 1)
})

const envelopeFields = {
  status: 'string',
  message: 'string',
  data_type: 'string',
  data: 'bytes',
  data_str: 'string',
} as const
const rows = {
  table_name: 't',
  list: { count: 0, bytes: Buffer.of() },
  list_str: [],
  list_encoding: 'binary',
  options: {},
}

const refusals = [
  { status: 401, body: 'no', reason: 'unauthorized' },
  { status: 403, body: envelope('ERROR', 'no'), reason: 'unauthorized' },
  { status: 400, body: envelope('ERROR', 'Table t does not exist'), reason: 'refused' },
  { status: 200, body: envelope('ERROR', 'Table t does not exist'), reason: 'refused' },
  { status: 400, body: envelope('ERROR', 'System shutting down'), reason: 'unavailable' },
  { status: 500, body: envelope('ERROR', 'Internal error'), reason: 'unavailable' },
  { status: 503, body: '<html>Service Unavailable</html>', reason: 'unavailable' },
  { status: 200, body: '<html>Welcome</html>', reason: 'unintelligible' },
  { status: 200, body: 'null', reason: 'unintelligible' },
  { status: 404, body: '', reason: 'unintelligible' },
  { status: 200, body: '{"status":"OK"}', reason: 'unintelligible' },
  ...[null, {}, [], { table_exists: 'yes' }].map(
    (data) => ({ status: 200, body: envelope('OK', '', data), reason: 'unintelligible' }) as const,
  ),
] as const

for (const { status, body, reason } of refusals)
  test(`HTTP ${status} with '${body}' is '${reason}', however the call is encoded`, async () => {
    await using server = await openServer((_request, response) => {
      response.statusCode = status
      response.end(body)
    })
    await using database = open(server.url)
    const code = reason === 'unavailable' ? 'retriable' : 'connect'
    const expected = (error: unknown) =>
      reasonOf(error) === reason && codeOf(error) === code && (error as Error).message.includes(server.url)
    await assert.rejects(database.call('/has/table', hasTable), expected)
    await assert.rejects(database.call('/insert/records', rows), expected)
  })

test('an answer of status ERROR in Avro is refused with its message', async () => {
  await using server = await openServer((request, response) => {
    request.resume()
    assert.equal(request.headers.accept, 'application/octet-stream')
    response.statusCode = 400
    const message = 'Table t does not exist'
    response.end(
      encodeMessage(envelopeFields, {
        status: 'ERROR',
        message,
        data_type: 'none',
        data: Buffer.of(),
        data_str: '',
      }),
    )
  })
  await using database = open(server.url)
  await assert.rejects(database.call('/insert/records', rows), (error) => {
    assert.equal(reasonOf(error), 'refused')
    assert.match((error as Error).message, /insert\/records refuses: Table t does not exist/)
    return true
  })
})

test('an answer that is too large is not read to its end, whether or not it says how large it is', async () => {
  for (const announced of [true, false]) {
    await using server = await openServer((request, response) => {
      request.resume()
      if (announced) response.setHeader('content-length', 1e9)
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(100)));
      }
      response.on('drain', more)
      more()
    })
    await using database = open(server.url, { mostAnswerBytes: 150 })
    await assert.rejects(database.call('/has/table', hasTable), (error) => {
      assert.equal(reasonOf(error), 'too-large')
      assert.match((error as Error).message, /has\/table answers with more than the 150 bytes/)
      return true
    })
  }
})

test('a connection that is refused, cut before the answer or cut within it is unreachable', async () => {
  let cut: 'before' | 'within' = 'before'
  const server = await openServer((_request, response) => {
    if (cut === 'before') response.destroy()
    else {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{', () => response.destroy())
    }
  })
  await using database = open(server.url)
  const unreachable = (error: unknown) => reasonOf(error) === 'unreachable' && codeOf(error) === 'retriable'
  await assert.rejects(database.call('/has/table', hasTable), unreachable)
  cut = 'within'
  await assert.rejects(database.call('/has/table', hasTable), unreachable)
  await server[Symbol.asyncDispose]()
  await assert.rejects(database.call('/has/table', hasTable), unreachable)
})

test('no answer within kinetica.timeout is unreachable, also when it has begun', async () => {
  await using server = await openServer((_request, response) => {
    response.write('{')
  })
  await using database = open(server.url, { timeoutMs: 20 })
  await assert.rejects(database.call('/has/table', hasTable), (error) => {
    assert.match((error as Error).message, /no answer within 20 ms/)
    return reasonOf(error) === 'unreachable'
  })
})

test('a call that waits ends with the signal, and with its reason', async () => {
  const abort = new AbortController()
  const reason = new Error('the task has ended')
  await using server = await openServer(() => abort.abort(reason))
  await using database = open(server.url, { signal: abort.signal })
  await assert.rejects(database.call('/has/table', hasTable), (error) => error === reason)
})

test('a URL that is none of HTTP is refused', () => {
  for (const url of ['', 'localhost', 'tcp://localhost:9191', 'http://', 'http://localhost:9191?x=1'])
    assert.throws(
      () => parseUrl(url),
      (error) => codeOf(error) === 'config' && /kinetica\.url/.test(String(error)),
    )
  assert.equal(parseUrl(' https://[::1]:9191/path ').port, '9191')
})
