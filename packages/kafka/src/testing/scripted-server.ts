import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createSecureServer, type TlsOptions } from 'node:tls'
import {
  type AnswerOf,
  type Api,
  ByteReader,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  MalformedError,
  type ReceivedOf,
} from '@isthmus/protocol'
import { apisByKey, apiVersions } from '@isthmus/protocol/apis'
import { FrameReader } from '../net/frames.ts'

export interface Received<A> {
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly body: ReceivedOf<A>
  readonly socket: Socket
  reply(answer: AnswerOf<A>): void
}
type Answerer = (request: Received<Api>) => void

/**
 * No broker, but a tool: a socket that answers as a test's script says, be it garbage or nothing. It keeps and judges nothing; only
 * ApiVersions is answered without a script, with everything this client knows.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly sockets = new Set<Socket>()
  /** Names of the APIs asked for, in order. */
  readonly asked: string[] = []
  connections = 0
  private readonly answerers = new Map<number, Answerer>()
  private readonly server: Server

  /** `server` listens already. */
  constructor(server: Server) {
    this.server = server
    this.on(apiVersions, (request) => request.reply(allVersions()))
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }
  get address(): string {
    return `127.0.0.1:${this.port}`
  }
  on<A extends Api>(api: A, answerer: (request: Received<A>) => void): this {
    this.answerers.set(api.key, answerer as unknown as Answerer)
    return this
  }
  /** Ends every connection without a word. */
  drop(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  accept(socket: Socket): void {
    this.connections++
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => undefined)
    const frames = new FrameReader(2 ** 28, (frame) => this.received(frame, socket))
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk)
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
        socket.destroy()
      }
    })
  }
  private received(frame: Buffer, socket: Socket): void {
    const reader = new ByteReader(frame)
    const { key, version, correlationId, clientId } = decodeRequestHeader(reader)
    const api = apisByKey.get(key) as Api
    this.asked.push(api.name)
    this.answerers.get(key)?.({
      version,
      correlationId,
      clientId,
      body: decodeRequest(api, version, reader),
      socket,
      reply: (answer) => {
        for (const part of encodeResponse(api, version, correlationId, answer)) socket.write(part)
      },
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop()
    this.server.close()
    await once(this.server, 'close')
  }
}

export async function openScriptedServer(tls: TlsOptions | null = null, port = 0): Promise<ScriptedServer> {
  const server = tls ? createSecureServer(tls) : createServer({ noDelay: true })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const scripted = new ScriptedServer(server)
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => scripted.accept(socket))
  return scripted
}

export function allVersions(): AnswerOf<typeof apiVersions> {
  const apiKeys = [...apisByKey.values()].map(({ key, versions }) => ({
    apiKey: key,
    minVersion: versions[0],
    maxVersion: versions[1],
  }))
  return { errorCode: 0, apiKeys }
}
/** The length prefix and what follows it. */
export function rawFrame(...parts: readonly (Buffer | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part !== 'number') return part
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(part)
      return bytes
    }),
  )
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length)
  return Buffer.concat([length, body])
}
