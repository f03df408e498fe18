import type { Socket } from 'node:net'
import type { Api, RequestHeader } from '@isthmus/protocol'
import { ByteReader, decodeRequest, decodeRequestHeader, encodeResponse, errorIds } from '@isthmus/protocol'
import { apiVersions } from '@isthmus/protocol/apis'
import type { BrokerContext, Call } from '../context.ts'
import type { Interceptors } from '../intercept.ts'
import { messageOf } from '../request-error.ts'
import type { Endpoint } from './endpoint.ts'
import { FrameReader } from './frames.ts'
import type { Session } from './session.ts'

/** While one request is answered, this much may arrive behind it before the socket is left unread. */
const READ_AHEAD = 1 << 20

export interface ConnectionOptions {
  readonly broker: BrokerContext
  readonly endpoints: ReadonlyMap<number, Endpoint>
  readonly interceptors: Interceptors
  readonly maxRequestBytes: number
  readonly session: Session
  /** Settles when requests may be answered (again): the broker may be frozen. */
  readonly gate: () => Promise<void> | null
}

export interface Connection {
  /** At once: what was asked is answered no more. */
  close(): void
}

/**
 * Serves one client: requests are answered one after another, in order. A frame that cannot be understood, or an answer that
 * fails, closes this connection with one log line and touches nothing else.
 */
export function serveConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { broker, session } = options
  const aborter = new AbortController()
  const peer = `${socket.remoteAddress}:${socket.remotePort}`
  const clientHost = `/${plainAddress(socket.remoteAddress ?? '')}`
  const local = { host: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 }
  const frames: Buffer[] = []
  let waiting = 0
  let busy = false
  let ended = false

  const reader = new FrameReader(options.maxRequestBytes, (frame) => {
    frames.push(frame)
    waiting += frame.length
  })
  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    if (ended) return
    try {
      reader.push(chunk)
    } catch (error) {
      return fail(error)
    }
    if (!busy) void serve()
    if (busy && waiting > READ_AHEAD) socket.pause()
  })
  socket.on('error', () => close())
  socket.on('close', () => close())

  async function serve(): Promise<void> {
    busy = true
    try {
      for (let frame = frames.shift(); frame !== undefined && !ended; frame = frames.shift()) {
        waiting -= frame.length
        // awaiting only what really waits keeps the common request within one turn of the event loop
        const gate = options.gate()
        if (gate) {
          await gate
          if (ended) return
        }
        const answer = answerTo(frame)
        const parts = answer instanceof Promise ? await answer : answer
        if (ended) return
        if (parts && !send(parts)) await drained()
        if (socket.isPaused() && waiting <= READ_AHEAD) socket.resume()
      }
    } catch (error) {
      fail(error)
    } finally {
      busy = false
    }
  }

  function answerTo(frame: Buffer): Buffer[] | null | Promise<Buffer[] | null> {
    const frameReader = new ByteReader(frame)
    const header = decodeRequestHeader(frameReader)
    const endpoint = options.endpoints.get(header.key)
    if (!endpoint) throw new Error(`unknown API key ${header.key}`)
    const { api } = endpoint
    if (header.version < api.versions[0] || header.version > api.versions[1]) return refuse(header)
    const call: Call = {
      version: header.version,
      clientId: header.clientId,
      clientHost,
      local,
      principal: session.principal,
      session,
      signal: aborter.signal,
    }
    session.admit(header)
    const body = decodeRequest(api, header.version, frameReader)
    if (options.interceptors.has(header.key)) return intercepted(endpoint, header, body, call)
    const answer = endpoint.answer(broker, body, call)
    if (answer instanceof Promise) return answer.then((value) => encoded(api, header, value))
    return encoded(api, header, answer)
  }

  async function intercepted(
    endpoint: Endpoint,
    header: RequestHeader,
    body: unknown,
    call: Call,
  ): Promise<Buffer[] | null> {
    const interception = await options.interceptors.ask({ header, body })
    if (interception === 'drop') return dropped()
    if (interception && 'answer' in interception) return encoded(endpoint.api, header, interception.answer)
    const answer = await endpoint.answer(broker, body, call)
    if (interception && (await interception.after(answer)) === 'drop') return dropped()
    return encoded(endpoint.api, header, answer)
  }

  function dropped(): null {
    close()
    return null
  }

  function send(parts: Buffer[]): boolean {
    if (parts.length === 1) return socket.write(parts[0] as Buffer)
    socket.cork()
    let flowing = true
    for (const part of parts) flowing = socket.write(part)
    socket.uncork()
    return flowing
  }

  function drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        socket.off('drain', settle)
        socket.off('close', settle)
        resolve()
      }
      socket.on('drain', settle)
      socket.on('close', settle)
      if (ended) settle()
    })
  }

  function fail(error: unknown): void {
    if (ended) return
    broker.log.warn(`Closing the connection from ${peer}: ${messageOf(error)}`)
    if (error instanceof Error && error.stack) broker.log.debug(error.stack)
    close()
  }

  function close(): void {
    if (ended) return
    ended = true
    frames.length = 0
    aborter.abort()
    socket.destroy()
  }

  return { close }
}

function encoded(api: Api, header: RequestHeader, answer: unknown): Buffer[] | null {
  return answer === null ? null : encodeResponse(api, header.version, header.correlationId, answer as object)
}

/** Only ApiVersions can be refused in a form that every client can read (KIP-511). */
function refuse(header: RequestHeader): Buffer[] {
  if (header.key !== apiVersions.key)
    throw new Error(`API ${header.key} has no version ${header.version} here`)
  const [minVersion, maxVersion] = apiVersions.versions
  return encodeResponse(apiVersions, 0, header.correlationId, {
    errorCode: errorIds.UNSUPPORTED_VERSION,
    apiKeys: [{ apiKey: apiVersions.key, minVersion, maxVersion }],
  })
}

function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
