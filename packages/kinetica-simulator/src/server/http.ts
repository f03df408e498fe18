import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { World } from '../endpoints/endpoint.ts'
import { carryOut } from '../endpoints/endpoints.ts'
import { jsonEndpoints } from '../endpoints/json.ts'
import {
  answerEncoding,
  contentTypes,
  type Encoding,
  encodingOf,
  messageOf,
  readRequest,
  writeAnswer,
  writeError,
} from '../wire/encoding.ts'
import { exchanges } from '../wire/messages.ts'
import type { FaultAction, Faults } from './faults.ts'
import type { RequestLog } from './request-log.ts'

export interface HttpOptions {
  readonly port: number
  readonly world: World
  readonly faults: Faults
  readonly requests: RequestLog
  /** Who may ask; everybody when it is null. */
  readonly credentials: { readonly user: string; readonly password: string } | null
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number
}

/** What is answered: an HTTP status, and a body. */
interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

/** The endpoints of the database on a port of the loopback interface; 0 takes a free one. */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const closing = new AbortController()
  const server = createServer((request, response) => {
    serve(options, request, response, closing.signal).catch((error) => {
      // a fault of the simulator, unless the client is gone: whoever runs the test is to see it
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error.stack))
    })
  })
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, '127.0.0.1', resolve)
  await listening
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      closing.abort()
      const { promise, resolve: closed } = Promise.withResolvers<void>()
      server.close(() => closed())
      server.closeAllConnections()
      await promise
    },
  }
}

async function serve(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  const started = performance.now()
  const url = new URL(request.url ?? '/', 'http://localhost')
  const body = await readBody(request)
  options.requests.add(url.pathname)
  const fault = options.faults.next(url.pathname)
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'cut') return void request.socket.destroy()
  if (fault?.kind === 'delay') await wait(fault.ms, null, { signal: closing })
  const answer = faultAnswer(fault, request) ?? (await answerTo(options, request, url, body))
  if (fault?.kind === 'lose-answer') return void request.socket.destroy()
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': answer.body.length,
    'x-request-time-secs': ((performance.now() - started) / 1000).toFixed(6),
  })
  response.end(answer.body)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const plain = (status: number, text: string): Answer => ({
  status,
  type: 'text/plain',
  body: Buffer.from(text),
})

function faultAnswer(fault: FaultAction | null, request: IncomingMessage): Answer | null {
  if (fault?.kind === 'status') return plain(fault.status, '')
  if (fault?.kind !== 'error') return null
  const encoding = encodingOf(request.headers['content-type'] ?? '')
  return failed(answerEncoding(request.headers.accept, encoding), fault.message, fault.status)
}

const failed = (encoding: Encoding, message: string, status = 400): Answer => ({
  status,
  type: contentTypes[encoding],
  body: writeError(encoding, message),
})

async function answerTo(
  options: HttpOptions,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
): Promise<Answer> {
  if (!authorized(options, request)) return plain(401, 'Unauthorized')
  if (request.method === 'GET' && url.pathname === '/') return plain(200, 'Kinetica is running!')
  if (request.method !== 'POST') return failed('json', `Method ${request.method} is not allowed`, 405)
  if (jsonEndpoints.has(url.pathname)) return answerJson(options.world, url, body.toString())
  let encoding: Encoding = 'json'
  try {
    const requestEncoding = encodingOf(request.headers['content-type'] ?? '')
    encoding = answerEncoding(request.headers.accept, requestEncoding)
    const exchange = exchanges.get(url.pathname)
    if (exchange === undefined) return failed(encoding, `Endpoint '${url.pathname}' is not supported`)
    const answer = await carryOut(url.pathname, options.world, readRequest(exchange, requestEncoding, body))
    return { status: 200, type: contentTypes[encoding], body: writeAnswer(exchange, encoding, answer) }
  } catch (error) {
    return failed(encoding, messageOf(error))
  }
}

function authorized({ credentials }: HttpOptions, request: IncomingMessage): boolean {
  if (credentials === null) return true
  const expected = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')
  return request.headers.authorization === `Basic ${expected}`
}

async function answerJson(world: World, url: URL, body: string): Promise<Answer> {
  try {
    const data = await jsonEndpoints.get(url.pathname)?.(world, Object.fromEntries(url.searchParams), body)
    const text = `{"status":"OK","message":"","data":${data}}`
    return { status: 200, type: contentTypes.json, body: Buffer.from(text) }
  } catch (error) {
    const text = JSON.stringify({ status: 'ERROR', message: messageOf(error) })
    return { status: 400, type: contentTypes.json, body: Buffer.from(text) }
  }
}
