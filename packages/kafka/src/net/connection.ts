import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import {
  type Api,
  decodeResponse,
  encodeRequest,
  errorIds,
  MalformedError,
  type RequestOf,
  type ResponseOf,
} from '@isthmus/protocol'
import { apiVersions } from '@isthmus/protocol/apis/client'
import { KafkaError } from '../errors.ts'
import { MAX_TIMER_MS, timeLimit } from '../waiting.ts'
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

export interface Authenticator {
  /**
   * Called on each new connection after version negotiation, and again on the same one before the session ends. Resolves to
   * the time until which the broker lets us go on, null for ever; rejects with AUTHENTICATION_FAILED.
   */
  authenticate(send: Send, versionOf: (api: Api) => number, peer: string): Promise<number | null>
}
export interface ConnectionSettings {
  readonly clientId: string
  readonly requestTimeoutMs: number
  /** Of TCP and TLS, over all addresses of the host. */
  readonly setupTimeoutMs: number
  /** Closed when unused for as long; negative: never. */
  readonly idleMs: number
  readonly tls: (() => Promise<ConnectionOptions>) | null
  readonly authenticator: Authenticator | null
}

/** One socket to one broker: any number of requests under way, answered in order. */
export interface Connection {
  readonly peer: string
  /** Requests not answered yet. */
  readonly inFlight: number
  /** Null while it works; then why it does not. */
  readonly closed: KafkaError | null
  /** Settles when it is closed. */
  readonly ended: Promise<void>
  /** The highest version of an API that both sides speak; throws UNSUPPORTED_VERSION when there is none. */
  versionOf(api: Api, maxVersion?: number): number
  /**
   * Rejects with TIMED_OUT, and closes the connection since the order of answers is lost, after `timeoutMs`; with DISCONNECTED when
   * the connection ends first, MALFORMED when the answer cannot be read, ABORTED by `signal` (the answer is then dropped).
   */
  request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    options?: SendOptions & { maxVersion?: number | undefined },
  ): Promise<ResponseOf<A>>
  /** Fails what is under way with `reason` and closes the socket at once. */
  close(reason: KafkaError): void
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

class Pipeline implements Connection {
  readonly peer: string
  closed: KafkaError | null = null
  private readonly end = Promise.withResolvers<void>()
  readonly ended = this.end.promise
  private readonly socket: Socket
  private readonly settings: ConnectionSettings
  private readonly pending: Pending[] = []
  private readonly reader: FrameReader
  private versions: ReadonlyMap<number, readonly [number, number]> = new Map()
  private correlationId = 0
  private corked = false
  private answered = false
  private reauthenticateAt = Infinity
  private gate: Promise<void> | null = null
  private idleTimer: NodeJS.Timeout | null = null
  private lastUsed = Date.now()

  constructor(address: Address, settings: ConnectionSettings, socket: Socket, reader: FrameReader) {
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

  get inFlight(): number {
    return this.pending.length
  }

  async negotiate(signal: AbortSignal): Promise<void> {
    const body = { clientSoftwareName: 'isthmus', clientSoftwareVersion: '0.1.0' }
    let answer = await this.send(apiVersions, apiVersions.versions[1], body, { signal })
    if (answer.errorCode === errorIds.UNSUPPORTED_VERSION) {
      // an older broker answers in version 0 and says which versions of ApiVersions it has
      const max = answer.apiKeys.find((k) => k.apiKey === apiVersions.key)?.maxVersion ?? 0
      answer = await this.send(apiVersions, Math.min(max, apiVersions.versions[1]), body, { signal })
    }
    if (answer.errorCode !== 0)
      throw new KafkaError('MALFORMED', `${this.peer} answered ApiVersions with error ${answer.errorCode}`)
    this.versions = new Map(answer.apiKeys.map((k) => [k.apiKey, [k.minVersion, k.maxVersion]]))
    await this.authenticate(signal)
    this.answered = false
    this.reader.maxFrame = MAX_FRAME
    this.watchIdle()
  }
  private async authenticate(signal: AbortSignal): Promise<void> {
    const { authenticator } = this.settings
    if (!authenticator) return
    const until = await authenticator.authenticate(
      (api, version, body) => this.send(api, version, body, { signal }),
      (api) => this.versionOf(api),
      this.peer,
    )
    // as Java: after 85 to 95 per cent of the session's life
    this.reauthenticateAt =
      until === null ? Infinity : Date.now() + (until - Date.now()) * (0.85 + Math.random() * 0.1)
  }

  versionOf(api: Api, maxVersion = Infinity): number {
    const theirs = this.versions.get(api.key)
    if (theirs) {
      const version = Math.min(api.versions[1], theirs[1], maxVersion)
      if (version >= Math.max(api.versions[0], theirs[0])) return version
    }
    const text = theirs ? `speaks versions ${theirs[0]} to ${theirs[1]}` : 'does not speak it'
    throw new KafkaError(
      'UNSUPPORTED_VERSION',
      `${api.name} is needed in a version from ${api.versions[0]} to ${Math.min(api.versions[1], maxVersion)}; ${this.peer} ${text}`,
    )
  }

  request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    options: SendOptions & { maxVersion?: number | undefined } = {},
  ): Promise<ResponseOf<A>> {
    try {
      const version = this.versionOf(api, options.maxVersion)
      if (this.gate === null && Date.now() < this.reauthenticateAt)
        return this.send(api, version, body, options)
      return this.reauthenticated().then(() => this.send(api, version, body, options))
    } catch (error) {
      return Promise.reject(error)
    }
  }
  /** While it goes on nothing else may be sent (KIP-368); what was sent before is answered first. */
  private reauthenticated(): Promise<void> {
    this.gate ??= this.authenticate(timeLimit(this.settings.requestTimeoutMs)).then(
      () => {
        this.gate = null
      },
      (error: KafkaError) => {
        this.close(error)
        throw error
      },
    )
    return this.gate
  }

  private send<A extends Api>(
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

  private watchIdle(): void {
    const { idleMs } = this.settings
    if (idleMs < 0) return
    const left = this.pending.length > 0 ? idleMs : this.lastUsed + idleMs - Date.now()
    if (left > 0) this.idleTimer = setTimeout(() => this.watchIdle(), Math.min(left, MAX_TIMER_MS)).unref()
    else this.close(new KafkaError('DISCONNECTED', `${this.peer} was not used for ${idleMs} ms`))
  }

  close(reason: KafkaError): void {
    if (this.closed) return
    this.closed = reason
    this.end.resolve()
    if (this.idleTimer) clearTimeout(this.idleTimer)
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

/** Connects, negotiates versions and authenticates. Rejects with DISCONNECTED, TIMED_OUT, AUTHENTICATION_FAILED, MALFORMED. */
export async function openConnection(
  address: Address,
  settings: ConnectionSettings,
  signal: AbortSignal,
): Promise<Connection> {
  let pipeline: Pipeline | null = null
  const reader = new FrameReader(MAX_FRAME_BEFORE, (frame) => pipeline?.answer(frame))
  const tls = settings.tls && (await settings.tls())
  const socket = await connectSocket(address, { setupTimeoutMs: settings.setupTimeoutMs, tls }, signal, {
    next: () => reader.next(),
    filled: (bytes) => pipeline?.received(() => reader.filled(bytes)),
    chunk: (bytes) => pipeline?.received(() => reader.push(bytes)),
  })
  pipeline = new Pipeline(address, settings, socket, reader)
  try {
    await pipeline.negotiate(signal)
    return pipeline
  } catch (error) {
    const failure = error as KafkaError
    pipeline.close(failure)
    throw failure
  }
}
