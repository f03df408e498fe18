import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Allowance, openAllowance } from './allowance.ts'
import { type Answer, type HttpReply, textReply } from './http.ts'
import { incoming } from './incoming.ts'

/** What the clients of a server may take of it. */
export interface Bounds {
  /** How long a client may take to send a request, and how long a connection without one is kept: Java's idle timeout. */
  readonly patienceMs: number
  /** Of all connections together: bodies that arrive or are worked on. */
  readonly bodyBytes: number
  /** Of all connections together: answers that are not read yet. */
  readonly answerBytes: number
}
export const BOUNDS: Bounds = {
  patienceMs: 90_000,
  bodyBytes: 64 * 1024 * 1024,
  answerBytes: 128 * 1024 * 1024,
}
/** How long an answer may take to be read, in patiences: a slow client may take its time, not keep the memory for ever. */
const READING = 3

/** The requests that a connection has sent: they are answered one after the other, each when the answer before it has been read. */
interface Pipeline {
  /** Settles when the last of them is answered. */
  last: Promise<void>
  unanswered: number
}

/** Requests of servers and their answers, within bounds that all connections share. */
export interface Exchanges {
  serve(server: Server): void
}

export function openExchanges(answer: Answer, { patienceMs, bodyBytes, answerBytes }: Bounds): Exchanges {
  const bodies = openAllowance(bodyBytes)
  const answers = openAllowance(answerBytes)
  const pipelines = new WeakMap<Duplex, Pipeline>()

  /** Settles when the requests before this one are answered; what it gets is to be called when this one is, too. */
  const afterThoseBefore = async (socket: Socket): Promise<() => void> => {
    const pipeline = pipelines.get(socket) ?? { last: Promise.resolve(), unanswered: 0 }
    pipelines.set(socket, pipeline)
    const answered = Promise.withResolvers<void>()
    const before = pipeline.last
    pipeline.last = answered.promise
    // whoever sends on is not read on: only what has come with one that is being answered waits here
    if (++pipeline.unanswered > 1) socket.pause()
    await before
    if (pipeline.unanswered === 1) socket.resume()
    return () => {
      pipeline.unanswered--
      answered.resolve()
    }
  }

  const exchange = async (request: IncomingMessage, response: ServerResponse, answered: () => void) => {
    if (request.socket.destroyed) return answered()
    const late = setTimeout(() => request.socket.destroy(), patienceMs * READING)
    response.once('close', () => {
      clearTimeout(late)
      answered()
    })
    response.on('error', () => {})
    const reply = await answer(incoming(request, response, bodies))
    late.refresh()
    write(response, reply, answers)
  }

  return {
    serve(server) {
      server.on('request', async (request, response) => {
        const answered = await afterThoseBefore(request.socket)
        await exchange(request, response, answered)
      })
      // nothing is upgraded: the request is read again, without its wish, and so is what follows it
      server.on('upgrade', async (request: IncomingMessage, socket: Socket, rest: Buffer) => {
        socket.on('error', () => {})
        const answered = await afterThoseBefore(socket)
        answered()
        socket.unshift(Buffer.concat([plainHead(request), rest]))
        server.emit('connection', socket)
      })
      server.on('connect', (_, socket: Duplex) => {
        socket.on('error', () => {})
        socket.end('HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      })
    },
  }
}

/** The head of a request without `Upgrade`. */
function plainHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() !== 'upgrade') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

const BUSY = textReply(503, 'Too many answers wait to be read. Try again later.')

function write(response: ServerResponse, reply: HttpReply, answers: Allowance): void {
  // its client is gone
  if (response.destroyed) return
  const size = reply.body?.length ?? 0
  const taken = answers.take(size)
  if (taken) response.once('close', () => answers.give(size))
  const { status, headers, body } = taken ? reply : BUSY
  const all: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers))
    all[name] = typeof value === 'string' ? value : [...value]
  if (status !== 204) all['content-length'] = body?.length ?? 0
  response.writeHead(status, all)
  response.end(body ?? undefined)
}
