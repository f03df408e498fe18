import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'
import { findCoordinator, metadata } from '@isthmus/protocol/apis/client'
import { KafkaError } from '../errors.ts'
import { type ClientLog, type ClientLogs, linesOf, METADATA, NETWORK, silent } from '../log.ts'
import { bootstrapAddresses } from '../net/bootstrap.ts'
import type { Connection } from '../net/connection.ts'
import { Connections } from '../net/connections.ts'
import { securitySettings } from '../net/security.ts'
import { type ClientOptions, clientOptions } from '../properties/client.ts'
import { unknownProperties } from '../properties/known.ts'
import type { ClientProps } from '../properties/types.ts'
import { abortable, abortedError, backoffMs, delay, timeLimit } from '../waiting.ts'
import { Coordinators } from './coordinators.ts'
import { MetadataCache } from './metadata.ts'
import { Routes } from './routes.ts'
import { type CoordinatorKind, laneOf, type Target } from './target.ts'
import type { Node, TopicInfo } from './topology.ts'

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** Longest wait for the answer, beyond the default `request.timeout.ms`: for long polls and joins. */
  readonly timeoutMs?: number
  /** Highest version to use, where a later one means something else. */
  readonly maxVersion?: number
  /** Names a connection of its own, for what would hold up others behind it: the long polls of one fetcher. */
  readonly lane?: string
}

/**
 * The connections, metadata and coordinators of one client. A producer, fetcher, group member or admin is opened over
 * one, and several may share it.
 */
export interface Cluster extends AsyncDisposable {
  readonly clientId: string
  /** For what is opened over it. */
  readonly logs: ClientLogs
  /**
   * Sends one request on the target's connection and resolves to the response as it is: error codes inside are the
   * caller's to judge. Connecting, authenticating and version negotiation happen on the way; many requests may be under way,
   * answered in order. Rejects with a `KafkaError`: DISCONNECTED, TIMED_OUT, UNSUPPORTED_VERSION…
   */
  request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    target: Target,
    options?: RequestOptions,
  ): Promise<ResponseOf<A>>
  /** The highest version of an API that both sides speak, of the node that would be asked. */
  versionOf(api: Api, target: Target, maxVersion?: number): Promise<number>
  /**
   * Last known state, else undefined: the synchronous path of producers and fetchers. What is stale is asked for again in the
   * background; whoever must have it fresh awaits `topic`.
   */
  cached(topic: string): TopicInfo | undefined
  /**
   * Fetches what is not known (or stale, or older than `metadata.max.age.ms`); rejects with UNKNOWN_TOPIC_OR_PARTITION after
   * `timeoutMs` (default `default.api.timeout.ms`; 0: asks once). `create` lets the broker create it, by its own configuration.
   */
  topic(
    name: string,
    options?: { signal?: AbortSignal; timeoutMs?: number; create?: boolean },
  ): Promise<TopicInfo>
  /** Every topic there is. */
  topics(signal?: AbortSignal): Promise<readonly TopicInfo[]>
  nodes(
    signal?: AbortSignal,
  ): Promise<{ clusterId: string | null; controller: number; nodes: readonly Node[] }>
  /** What was known of these topics is stale (a leader moved, say): the next look-up asks again, no sooner than the back-off. */
  refresh(topics: readonly string[]): void
  /** Forgets a coordinator after NOT_COORDINATOR or a lost connection. */
  forgetCoordinator(kind: CoordinatorKind, key: string): void
  /** What the last request failed with; null when it was answered. */
  readonly failure: KafkaError | null
  /** Closes the connections of a lane, for whoever named it and is closing: else they stay for `connections.max.idle.ms`. */
  leave(lane: string): void
  /**
   * Runs `attempt` until it succeeds, its error is not retriable, or `timeoutMs` (default `default.api.timeout.ms`) is over, with
   * `retry.backoff.ms` growing to `retry.backoff.max.ms` between.
   */
  retry<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    options?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<T>
}

export interface ClusterOptions {
  /** Instead of `client.id`. */
  readonly clientId?: string
  readonly logs?: ClientLogs
}

class OpenCluster implements Cluster {
  readonly clientId: string
  readonly logs: ClientLogs
  private readonly log: ClientLog
  private readonly settings: ClientOptions
  private readonly connections: Connections
  private readonly metadata: MetadataCache
  private readonly coordinators: Coordinators
  private readonly routes: Routes
  private readonly lifetime = new AbortController()
  failure: KafkaError | null = null

  constructor(props: ClientProps, options: ClusterOptions) {
    const settings = clientOptions(props)
    const { signal } = this.lifetime
    this.settings = settings
    this.clientId = options.clientId ?? settings['client.id']
    this.logs = options.logs === undefined ? silent : linesOf(options.logs, this.clientId)
    const log = this.logs(NETWORK)
    this.log = log
    const unknown = unknownProperties(props)
    if (unknown.length > 0) log.debug(`Properties that mean nothing to a client: ${unknown.join(', ')}`)
    const bootstrap = bootstrapAddresses(settings['bootstrap.servers'])
    this.connections = new Connections(
      {
        clientId: this.clientId,
        requestTimeoutMs: settings['request.timeout.ms'],
        setupTimeoutMs: settings['socket.connection.setup.timeout.ms'],
        setupTimeoutMaxMs: settings['socket.connection.setup.timeout.max.ms'],
        idleMs: settings['connections.max.idle.ms'],
        reconnectBackoffMs: settings['reconnect.backoff.ms'],
        reconnectBackoffMaxMs: settings['reconnect.backoff.max.ms'],
        ...securitySettings(settings, props),
      },
      signal,
      log,
    )
    this.metadata = new MetadataCache(
      (body) => this.request(metadata, body, { to: 'any' }),
      {
        maxAgeMs: settings['metadata.max.age.ms'],
        backoffMs: settings['retry.backoff.ms'],
        backoffMaxMs: settings['retry.backoff.max.ms'],
      },
      signal,
      this.logs(METADATA),
    )
    this.coordinators = new Coordinators(
      (keyType, key) =>
        this.request(findCoordinator, { keyType, key, coordinatorKeys: [key] }, { to: 'any' }),
      (attempt) => this.retry(attempt),
      log,
    )
    this.routes = new Routes({
      bootstrap,
      canonicalBootstrap: settings['client.dns.lookup'] === 'resolve_canonical_bootstrap_servers_only',
      rebootstrap: settings['metadata.recovery.strategy'] === 'rebootstrap',
      connections: this.connections,
      metadata: this.metadata,
      coordinators: this.coordinators,
      lifetime: signal,
    })
  }

  async request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    target: Target,
    options: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    const lane = options.lane ?? laneOf(api, target)
    let connection: Connection | undefined
    try {
      connection =
        this.routes.live(target, lane) ?? (await this.routes.connect(target, lane, options.signal, api.name))
      const response = await connection.request(api, body, options)
      this.failure = null
      return response
    } catch (error) {
      if (connection?.closed) this.routes.lost(target)
      if ((error as KafkaError).kafka !== 'ABORTED') this.failure = error as KafkaError
      throw error
    }
  }
  async versionOf(api: Api, target: Target, maxVersion?: number): Promise<number> {
    const lane = laneOf(api, target)
    const connection =
      this.routes.live(target, lane) ?? (await this.routes.connect(target, lane, undefined, api.name))
    return connection.versionOf(api, maxVersion)
  }
  cached(topic: string): TopicInfo | undefined {
    return this.metadata.cached(topic)
  }
  topic(
    name: string,
    options: { signal?: AbortSignal; timeoutMs?: number; create?: boolean } = {},
  ): Promise<TopicInfo> {
    const { timeoutMs = this.settings['default.api.timeout.ms'], create = false, signal } = options
    return this.metadata.topic(name, timeoutMs, create, signal)
  }
  topics(signal?: AbortSignal): Promise<readonly TopicInfo[]> {
    return abortable(this.metadata.all('topics'), signal, 'Listing topics')
  }
  async nodes(
    signal?: AbortSignal,
  ): Promise<{ clusterId: string | null; controller: number; nodes: readonly Node[] }> {
    await abortable(this.metadata.all('brokers'), signal, 'Asking for brokers')
    const { clusterId, controller, nodes } = this.metadata.brokers
    return { clusterId, controller, nodes: [...nodes.values()] }
  }
  refresh(topics: readonly string[]): void {
    this.metadata.markStale(topics)
  }
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.coordinators.forget(kind, key)
  }

  leave(lane: string): void {
    this.connections.leave(lane)
  }

  async retry<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.settings['default.api.timeout.ms']
    const deadline = timeLimit(timeoutMs)
    const signals = [this.lifetime.signal, deadline]
    if (options.signal) signals.push(options.signal)
    const signal = AbortSignal.any(signals)
    let last: KafkaError | undefined
    for (let failures = 1; ; failures++) {
      try {
        signal.throwIfAborted()
        return await attempt(signal)
      } catch (error) {
        if (options.signal?.aborted) throw abortedError(options.signal, 'The attempt')
        this.lifetime.signal.throwIfAborted()
        if (!deadline.aborted) last = error as KafkaError
        if (deadline.aborted)
          throw new KafkaError(
            'TIMED_OUT',
            `Given up after ${timeoutMs} ms: ${(last ?? (error as Error)).message}`,
            { cause: last ?? error },
          )
        if (!(error as KafkaError).retriable) throw error
      }
      const { 'retry.backoff.ms': first, 'retry.backoff.max.ms': most } = this.settings
      const pause = backoffMs(failures, first, most)
      this.log.debug(
        `Attempt ${failures} failed; the next one follows in ${Math.round(pause)} ms: ${last?.message}`,
      )
      await delay(pause, signal)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.lifetime.signal.aborted) return
    const reason = new KafkaError('CLOSED', 'The client was closed')
    this.lifetime.abort(reason)
    this.connections.close(reason)
  }
}

/** Connects on first use, so it neither waits nor fails for brokers; throws CONFIG for properties that cannot be. */
export function openCluster(props: ClientProps, options: ClusterOptions = {}): Cluster {
  return new OpenCluster(props, options)
}
