import { type Api, errorIds, type RequestOf, type ResponseOf } from '@isthmus/protocol'
import { apiVersions } from '@isthmus/protocol/apis/client'
import { KafkaError } from '../errors.ts'
import { MAX_TIMER_MS, timeLimit } from '../waiting.ts'
import {
  openPipeline,
  type Pipeline,
  type PipelineSettings,
  type Send,
  type SendOptions,
} from './pipeline.ts'
import type { Address } from './socket.ts'

export interface Authenticator {
  /**
   * Called on each new connection after version negotiation, and again on the same one before the session ends. Resolves to
   * the time until which the broker lets us go on, null for ever; rejects with AUTHENTICATION_FAILED.
   */
  authenticate(send: Send, versionOf: (api: Api) => number, peer: string): Promise<number | null>
}
export interface ConnectionSettings extends PipelineSettings {
  /** Closed when unused for as long; negative: never. */
  readonly idleMs: number
  readonly authenticator: Authenticator | null
}

/** One socket to one broker that lets us in: any number of requests under way, answered in order. */
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

/** By API key: the lowest and the highest version that the peer speaks. */
type Versions = ReadonlyMap<number, readonly [number, number]>

class NegotiatedConnection implements Connection {
  readonly peer: string
  readonly ended: Promise<void>
  private readonly pipeline: Pipeline
  private readonly settings: ConnectionSettings
  private readonly versions: Versions
  private reauthenticateAt: number
  private gate: Promise<void> | null = null
  private idleTimer: NodeJS.Timeout | null = null

  constructor(
    pipeline: Pipeline,
    settings: ConnectionSettings,
    versions: Versions,
    reauthenticateAt: number,
  ) {
    this.peer = pipeline.peer
    this.ended = pipeline.ended
    this.pipeline = pipeline
    this.settings = settings
    this.versions = versions
    this.reauthenticateAt = reauthenticateAt
    this.watchIdle()
    pipeline.ended.then(() => clearTimeout(this.idleTimer ?? undefined))
  }

  get inFlight(): number {
    return this.pipeline.inFlight
  }
  get closed(): KafkaError | null {
    return this.pipeline.closed
  }
  versionOf(api: Api, maxVersion?: number): number {
    return versionOf(this.versions, this.peer, api, maxVersion)
  }

  request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    options: SendOptions & { maxVersion?: number | undefined } = {},
  ): Promise<ResponseOf<A>> {
    try {
      const version = this.versionOf(api, options.maxVersion)
      if (this.gate === null && Date.now() < this.reauthenticateAt)
        return this.pipeline.send(api, version, body, options)
      return this.reauthenticated().then(() => this.pipeline.send(api, version, body, options))
    } catch (error) {
      return Promise.reject(error)
    }
  }
  /** While it goes on nothing else may be sent (KIP-368); what was sent before is answered first. */
  private reauthenticated(): Promise<void> {
    this.gate ??= authenticated(
      this.pipeline,
      this.versions,
      this.settings,
      timeLimit(this.settings.requestTimeoutMs),
    ).then(
      (until) => {
        this.reauthenticateAt = until
        this.gate = null
      },
      (error: KafkaError) => {
        this.close(error)
        throw error
      },
    )
    return this.gate
  }

  private watchIdle(): void {
    const { idleMs } = this.settings
    if (idleMs < 0) return
    const { inFlight, lastUsed } = this.pipeline
    const left = inFlight > 0 ? idleMs : lastUsed + idleMs - Date.now()
    if (left > 0) this.idleTimer = setTimeout(() => this.watchIdle(), Math.min(left, MAX_TIMER_MS)).unref()
    else this.close(new KafkaError('DISCONNECTED', `${this.peer} was not used for ${idleMs} ms`))
  }

  close(reason: KafkaError): void {
    this.pipeline.close(reason)
  }
}

/** The highest version of an API that both sides speak; throws UNSUPPORTED_VERSION when there is none. */
function versionOf(versions: Versions, peer: string, api: Api, maxVersion = Infinity): number {
  const theirs = versions.get(api.key)
  if (theirs) {
    const version = Math.min(api.versions[1], theirs[1], maxVersion)
    if (version >= Math.max(api.versions[0], theirs[0])) return version
  }
  const text = theirs ? `speaks versions ${theirs[0]} to ${theirs[1]}` : 'does not speak it'
  throw new KafkaError(
    'UNSUPPORTED_VERSION',
    `${api.name} is needed in a version from ${api.versions[0]} to ${Math.min(api.versions[1], maxVersion)}; ${peer} ${text}`,
  )
}

async function negotiated(pipeline: Pipeline, signal: AbortSignal): Promise<Versions> {
  const body = { clientSoftwareName: 'isthmus', clientSoftwareVersion: '0.1.0' }
  let answer = await pipeline.send(apiVersions, apiVersions.versions[1], body, { signal })
  if (answer.errorCode === errorIds.UNSUPPORTED_VERSION) {
    // an older broker answers in version 0 and says which versions of ApiVersions it has
    const max = answer.apiKeys.find((k) => k.apiKey === apiVersions.key)?.maxVersion ?? 0
    answer = await pipeline.send(apiVersions, Math.min(max, apiVersions.versions[1]), body, { signal })
  }
  if (answer.errorCode !== 0)
    throw new KafkaError('MALFORMED', `${pipeline.peer} answered ApiVersions with error ${answer.errorCode}`)
  return new Map(answer.apiKeys.map((k) => [k.apiKey, [k.minVersion, k.maxVersion]]))
}

/** Resolves to when that must be done again. */
async function authenticated(
  pipeline: Pipeline,
  versions: Versions,
  { authenticator }: ConnectionSettings,
  signal: AbortSignal,
): Promise<number> {
  if (!authenticator) return Infinity
  const { peer } = pipeline
  const until = await authenticator.authenticate(
    (api, version, body) => pipeline.send(api, version, body, { signal }),
    (api) => versionOf(versions, peer, api),
    peer,
  )
  // as Java: after 85 to 95 per cent of the session's life
  return until === null ? Infinity : Date.now() + (until - Date.now()) * (0.85 + Math.random() * 0.1)
}

/** Connects, negotiates versions and authenticates. Rejects with DISCONNECTED, TIMED_OUT, AUTHENTICATION_FAILED, MALFORMED. */
export async function openConnection(
  address: Address,
  settings: ConnectionSettings,
  signal: AbortSignal,
): Promise<Connection> {
  const pipeline = await openPipeline(address, settings, signal)
  try {
    const versions = await negotiated(pipeline, signal)
    const until = await authenticated(pipeline, versions, settings, signal)
    pipeline.letIn()
    return new NegotiatedConnection(pipeline, settings, versions, until)
  } catch (error) {
    const failure = error as KafkaError
    pipeline.close(failure)
    throw failure
  }
}
