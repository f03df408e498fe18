import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Secret } from '@isthmus/sdk'
import { type HttpAnswer, readAnswer } from './answer.ts'
import { type Endpoint, endpoints, type RequestOf, type ResponseOf } from './endpoints.ts'
import { failure } from './failure.ts'
import { encodeMessage } from './message.ts'
import { parseUrl } from './url.ts'

export interface DatabaseOptions {
  /** `kinetica.url`: where the database's head node listens, with a path before the endpoints if there is one. */
  readonly url: string
  readonly username: string
  readonly password: Secret
  /** The longest wait for an answer, in ms; 0: none. A peer that is no longer there is noticed all the same: see `KEEP_ALIVE_MS`. */
  readonly timeoutMs: number
  /** An answer of more bytes fails its call, as soon as it is known to have more. */
  readonly mostAnswerBytes?: number
  /** Ends every call that waits. */
  readonly signal: AbortSignal
}

/** A Kinetica database, over HTTP connections that are kept and used again. */
export interface Database extends AsyncDisposable {
  readonly url: URL
  /** Calls an endpoint. What it throws for says `reasonOf` the error; nothing is tried again here. */
  call<E extends Endpoint>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>>
}

/** How long a connection may take to open, whatever `kinetica.timeout` says. */
const CONNECT_MS = 10_000
/** After this time without a byte the system asks the peer whether it is still there: one that has vanished is noticed within a minute. */
const KEEP_ALIVE_MS = 30_000
const MOST_SOCKETS = 8
/** Of an answer: as much as is taken of a row that a table monitor publishes. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024

/** Connects at the first call. Throws a `config` error when the URL is none. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, username, password, timeoutMs, mostAnswerBytes = MOST_ANSWER_BYTES, signal } = options
  const base = parseUrl(url)
  const secure = base.protocol === 'https:'
  const request = secure ? httpsRequest : httpRequest
  const agent = new (secure ? HttpsAgent : HttpAgent)({
    keepAlive: true,
    keepAliveMsecs: KEEP_ALIVE_MS,
    maxSockets: MOST_SOCKETS,
  })
  const root = base.pathname.replace(/\/+$/, '')
  const authorization =
    username === '' && password.reveal() === ''
      ? {}
      : { authorization: `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}` }

  const post = (path: string, type: string, body: Uint8Array): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        protocol: base.protocol,
        hostname: base.hostname.replace(/^\[|\]$/g, ''),
        port: base.port,
        path: `${root}${path}`,
        method: 'POST',
        agent,
        signal,
        headers: { ...authorization, accept: type, 'content-type': type, 'content-length': body.length },
      })
      const settled = () => {
        clearTimeout(connecting)
        clearTimeout(answering)
      }
      // the first reason counts: what is destroyed reports an error of its own
      const fail = (error: Error) => {
        settled()
        reject(error)
        outgoing.destroy()
      }
      const failAfter = (ms: number, what: string) =>
        setTimeout(() => fail(new Error(`${what} within ${ms} ms`)), ms)
      const connecting = failAfter(CONNECT_MS, 'no connection')
      const answering = timeoutMs > 0 ? failAfter(timeoutMs, 'no answer') : undefined
      outgoing.on('socket', (socket) => {
        const opened = () => clearTimeout(connecting)
        if (!socket.connecting) opened()
        else socket.once(secure ? 'secureConnect' : 'connect', opened)
      })
      outgoing.on('response', (incoming) => {
        readBody(incoming, mostAnswerBytes).then((read) => {
          settled()
          resolve({ status: incoming.statusCode ?? 0, body: read })
        }, fail)
      })
      outgoing.on('error', fail)
      outgoing.end(body)
    })

  return {
    url: base,
    async call(endpoint, message) {
      const { encoding, request: fields } = endpoints[endpoint]
      const where = `${base.origin}${root}${endpoint}`
      const answer = await (encoding === 'json'
        ? post(endpoint, 'application/json', Buffer.from(JSON.stringify(message)))
        : post(endpoint, 'application/octet-stream', encodeMessage(fields, message))
      ).catch((error: NodeJS.ErrnoException) => {
        signal.throwIfAborted()
        if (error instanceof RangeError) throw failure('too-large', `${where} answers with ${error.message}`)
        throw failure(
          isDistrust(error) ? 'unauthorized' : 'unreachable',
          `Could not call ${where}: ${reasonText(error)}`,
          { cause: error },
        )
      })
      return readAnswer(endpoint, where, answer)
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

/** Throws a `RangeError` for a body of more than `most` bytes. */
async function readBody(incoming: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = Number(incoming.headers['content-length'] ?? 0)
  const check = (): void => {
    if (bytes > most) throw new RangeError(`more than the ${most} bytes that are taken at once`)
  }
  check()
  bytes = 0
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    check()
  }
  return Buffer.concat(chunks)
}

/** Attempts at several addresses of a host fail together, each with its reason. */
const reasonText = (error: Error): string =>
  error instanceof AggregateError && error.errors.length > 0
    ? error.errors.map((one) => (one as Error).message).join(', ')
    : error.message

/** A certificate that does not prove who answers: to try again does not help. */
const isDistrust = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  /^(?:ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code)
