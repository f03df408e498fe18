import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import {
  type Api,
  decodeResponse,
  encodeRequest,
  MalformedError,
  type RequestOf,
  type ResponseOf,
} from '@isthmus/protocol'
import { apiVersions } from '@isthmus/protocol/apis/client'
import { KafkaError } from '../errors.ts'
import { MAX_TIMER_MS } from '../waiting.ts'
import { FrameReader } from './frames.ts'
import { type Address, connectSocket, socketError } from './socket.ts'

/** Before the peer has answered ApiVersions and let us in, only small frames make sense. */
const MAX_FRAME_BEFORE = 512 * 1024
const MAX_FRAME = 512 * 1024 * 1024
const PRODUCE = 0

export interface SendOptions {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}
/** Sends in an exact version, past negotiation and re-authentication: for the authenticator itself. */
export type Send = <A extends Api>(api: A, version: number, body: RequestOf<A>) => Promise<ResponseOf<A>>

export interface PipelineSettings {
  readonly clientId: string
  readonly requestTimeoutMs: number
  /** Of TCP and TLS, over all addresses of the host. */
  readonly setupTimeoutMs: number
  readonly tls: (() => Promise<ConnectionOptions>) | null
}

interface Pending {
  readonly correlationId: number
  readonly api: Api
  readonly version: number
  readonly resolve: (response: never) => void
  readonly reject: (error: KafkaError) => void
  readonly timer: NodeJS.Timeout
  /** Stops listening to the caller's signal. */
  readonly unhook: (() => void) | undefined
}

/** Requests on one socket, in versions that the caller chooses: any number is under way, and they are answered in order. */
export class Pipeline {
  readonly peer: string
  /** Null while it works; then why it does not. */
  closed: KafkaError | null = null
  private readonly end = Promise.withResolvers<void>()
  /** Settles when it is closed. */
  readonly ended = this.end.promise
  /** When something was sent or answered last. */
  lastUsed = Date.now()
  private readonly socket: Socket
  private readonly settings: PipelineSettings
  private readonly pending: Pending[] = []
  private readonly reader: FrameReader
  private correlationId = 0
  private corked = false
  private answered = false

  constructor(address: Address, settings: PipelineSettings, socket: Socket, reader: FrameReader) {
    this.peer = `${address.host}:${address.port}`
    this.settings = settings
    this.socket = socket
    this.reader = reader
    socket.on('error', (error) => this.close(socketError(error, this.peer)))
    socket.on('close', () => this.close(this.lost()))
    socket.on('end', () => this.close(this.lost()))
    if (socket.destroyed) this.close(this.lost())
  }

  private lost(): KafkaError {
    const hint = this.answered
      ? ''
      : ' before it answered anything; if its listener wants TLS or SASL, set security.protocol'
    return new KafkaError('DISCONNECTED', `${this.peer} closed the connection${hint}`)
  }

  /** Requests not answered yet. */
  get inFlight(): number {
    return this.pending.length
  }
  /** The peer speaks the protocol and lets us in: its answers may be big. */
  letIn(): void {
    this.reader.maxFrame = MAX_FRAME
    // it may still want something else before it answers more
    this.answered = false
  }

  send<A extends Api>(
    api: A,
    version: number,
    body: RequestOf<A>,
    { timeoutMs = this.settings.requestTimeoutMs, signal }: SendOptions,
  ): Promise<ResponseOf<A>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abandoned(api, signal))
      if (this.closed) return reject(this.closed)
      this.correlationId = (this.correlationId + 1) & 0x7fffffff
      const { correlationId } = this
      const frame = encodeRequest(api, version, correlationId, this.settings.clientId, body)
      this.lastUsed = Date.now()
      if (api.key === PRODUCE && (body as { acks?: number }).acks === 0) {
        // never answered: done when it is with the kernel
        this.write(frame, () => resolve({ responses: [], throttleTimeMs: 0, nodeEndpoints: [] } as never))
        return
      }
      this.write(frame)
      const abort = signal && (() => reject(abandoned(api, signal)))
      if (abort) signal.addEventListener('abort', abort)
      this.pending.push({
        correlationId,
        api,
        version,
        resolve,
        reject,
        timer: setTimeout(() => this.timedOut(correlationId, timeoutMs), Math.min(timeoutMs, MAX_TIMER_MS)),
        unhook: abort && (() => signal.removeEventListener('abort', abort)),
      })
    })
  }
  private write(frame: Buffer[], done?: () => void): void {
    // what is sent in one turn of the loop goes out in one system call
    if (!this.corked) {
      this.corked = true
      this.socket.cork()
      process.nextTick(() => {
        this.corked = false
        this.socket.uncork()
      })
    }
    const last = frame.length - 1
    for (let i = 0; i < last; i++) this.socket.write(frame[i] as Buffer)
    this.socket.write(frame[last] as Buffer, done ? () => done() : undefined)
  }

  private timedOut(correlationId: number, timeoutMs: number): void {
    const at = this.pending.findIndex((p) => p.correlationId === correlationId)
    const [late] = this.pending.splice(at, 1)
    if (!late) return
    late.unhook?.()
    const message = `${this.peer} did not answer ${late.api.name} within ${timeoutMs} ms`
    late.reject(new KafkaError('TIMED_OUT', message))
    this.close(new KafkaError('DISCONNECTED', `Connection closed because ${message}`))
  }

  /** Never throws: whatever the peer sends ends here. */
  received(take: () => void): void {
    if (this.closed) return
    try {
      take()
    } catch (error) {
      this.close(malformed(this.peer, error))
    }
  }
  answer(frame: Buffer): void {
    const first = this.pending[0]
    const correlationId = frame.readInt32BE()
    if (first === undefined || first.correlationId !== correlationId)
      throw new MalformedError(
        `Answer to request ${correlationId}, where ${first ? `one to ${first.correlationId}` : 'none'} was due`,
      )
    const { api, resolve } = first
    // the refusal of an ApiVersions request is in version 0, whatever was asked
    const refused = api.key === apiVersions.key && frame.length >= 6 && frame.readInt16BE(4) !== 0
    let response: ResponseOf<Api>
    try {
      response = decodeResponse(api, refused ? 0 : first.version, frame)
    } catch (error) {
      first.reject(malformed(this.peer, error, api))
      throw error
    }
    this.pending.shift()
    settle(first)
    this.answered = true
    this.lastUsed = Date.now()
    resolve(response as never)
  }

  /** Fails what is under way with `reason` and closes the socket at once. */
  close(reason: KafkaError): void {
    if (this.closed) return
    this.closed = reason
    this.end.resolve()
    this.socket.destroy()
    for (const request of this.pending.splice(0)) {
      settle(request)
      request.reject(reason)
    }
  }
}

function settle(request: Pending): void {
  clearTimeout(request.timer)
  request.unhook?.()
}

function abandoned(api: Api, signal: AbortSignal): KafkaError {
  return new KafkaError('ABORTED', `${api.name} was abandoned`, { cause: signal.reason })
}
function malformed(peer: string, error: unknown, api?: Api): KafkaError {
  const what = api ? `an answer to ${api.name} that cannot be read` : 'what is not Kafka’s protocol'
  const detail = error instanceof Error ? error.message : String(error)
  return new KafkaError('MALFORMED', `${peer} sent ${what}: ${detail}`, { cause: error })
}

/** Connects. Rejects with DISCONNECTED, TIMED_OUT, AUTHENTICATION_FAILED. */
export async function openPipeline(
  address: Address,
  settings: PipelineSettings,
  signal: AbortSignal,
): Promise<Pipeline> {
  // the socket asks where to read to before it is connected, but nothing arrives before this has gone on
  let pipeline: Pipeline | null = null
  const reader = new FrameReader(MAX_FRAME_BEFORE, (frame) => pipeline?.answer(frame))
  const tls = settings.tls && (await settings.tls())
  const socket = await connectSocket(address, { setupTimeoutMs: settings.setupTimeoutMs, tls }, signal, {
    next: () => reader.next(),
    filled: (bytes) => pipeline?.received(() => reader.filled(bytes)),
    chunk: (bytes) => pipeline?.received(() => reader.push(bytes)),
  })
  pipeline = new Pipeline(address, settings, socket, reader)
  return pipeline
}
