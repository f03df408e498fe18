import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'
import { findCoordinator, metadata } from '@isthmus/protocol/apis'
import { bootstrapAddresses } from './bootstrap.ts'
import type { Connection, ConnectionSettings } from './connection.ts'
import { Connections } from './connections.ts'
import { Coordinators } from './coordinators.ts'
import { KafkaError } from './errors.ts'
import { type ClientLog, silent } from './log.ts'
import { MetadataCache } from './metadata.ts'
import { type ClientOptions, clientOptions, securityOptions } from './properties.ts'
import type { ClientProps } from './property-types.ts'
import { saslAuthenticator } from './sasl/authenticator.ts'
import { mechanismOf } from './sasl/mechanisms.ts'
import type { Address } from './socket.ts'
import type { TlsSettings } from './tls/settings.ts'
import { abortable, abortedError, backoffMs, delay } from './waiting.ts'

export type { ClientProps } from './property-types.ts'

export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
export interface PartitionInfo {
  readonly partition: number
  /** -1 while there is none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}
export interface TopicInfo {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionInfo[]
}

/** Whom a request is for. */
export type Target =
  | { readonly to: 'any' }
  | { readonly to: 'controller' }
  | { readonly to: 'node'; readonly node: number }
  | { readonly to: 'leader'; readonly topic: string; readonly partition: number }
  | { readonly to: 'coordinator'; readonly kind: 'group' | 'transaction'; readonly key: string }

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** Longest wait for the answer, beyond the default `request.timeout.ms`: for long polls and joins. */
  readonly timeoutMs?: number
  /** Highest version to use, where a later one means something else. */
  readonly maxVersion?: number
}

/**
 * The connections, metadata and coordinators of one client. A producer, fetcher, group member or admin is opened over
 * one, and several may share it.
 */
export interface Cluster extends AsyncDisposable {
  readonly clientId: string
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
  forgetCoordinator(kind: 'group' | 'transaction', key: string): void
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
  readonly log?: ClientLog
}

/** APIs of group members: they may block for a whole rebalance, or must not wait behind what blocks. */
const memberApis = new Set(['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit'])

/** What of a request's target names the lane: long polls and every group's traffic have connections of their own. */
function laneOf(api: Api, target: Target): string {
  if (api.name === 'Fetch') return 'fetch'
  if (target.to !== 'coordinator') return ''
  return memberApis.has(api.name) ? `member ${target.key}` : 'coordinator'
}

/** Read and checked only when `security.protocol` asks for it; code and files are loaded by the first connection. */
function security(
  settings: ClientOptions,
  props: ClientProps,
): Pick<ConnectionSettings, 'tls' | 'authenticator'> {
  const protocol = settings['security.protocol']
  if (protocol === 'PLAINTEXT') return { tls: null, authenticator: null }
  const options = securityOptions(props)
  let loading: Promise<TlsSettings> | null = null
  const load = () => {
    loading ??= import('./tls/settings.ts')
      .then(({ tlsSettings }) => tlsSettings(options))
      .catch((error) => {
        loading = null
        throw error
      })
    return loading
  }
  return {
    tls: protocol.endsWith('SSL') ? load : null,
    authenticator: protocol.startsWith('SASL') ? saslAuthenticator(mechanismOf(options)) : null,
  }
}

class OpenCluster implements Cluster {
  readonly clientId: string
  private readonly settings: ClientOptions
  private readonly bootstrap: readonly Address[]
  private readonly connections: Connections
  private readonly metadata: MetadataCache
  private readonly coordinators: Coordinators
  private readonly lifetime = new AbortController()

  constructor(props: ClientProps, options: ClusterOptions) {
    const settings = clientOptions(props)
    const { signal } = this.lifetime
    const log = options.log ?? silent
    this.settings = settings
    this.clientId = options.clientId ?? settings['client.id']
    this.bootstrap = bootstrapAddresses(settings['bootstrap.servers'])
    this.connections = new Connections(
      {
        clientId: this.clientId,
        requestTimeoutMs: settings['request.timeout.ms'],
        setupTimeoutMs: settings['socket.connection.setup.timeout.ms'],
        setupTimeoutMaxMs: settings['socket.connection.setup.timeout.max.ms'],
        idleMs: settings['connections.max.idle.ms'],
        reconnectBackoffMs: settings['reconnect.backoff.ms'],
        reconnectBackoffMaxMs: settings['reconnect.backoff.max.ms'],
        ...security(settings, props),
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
    )
    this.coordinators = new Coordinators(
      (keyType, key) =>
        this.request(findCoordinator, { keyType, key, coordinatorKeys: [key] }, { to: 'any' }),
      (attempt) => this.retry(attempt),
    )
  }

  async request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    target: Target,
    options: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    const connection = this.live(api, target) ?? (await this.connect(api, target, options.signal))
    try {
      return await connection.request(api, body, options)
    } catch (error) {
      if (connection.closed) this.lost(target)
      throw error
    }
  }
  async versionOf(api: Api, target: Target, maxVersion?: number): Promise<number> {
    const connection = this.live(api, target) ?? (await this.connect(api, target, undefined))
    return connection.versionOf(api, maxVersion)
  }
  /** The next attempt asks who serves the target now. */
  private lost(target: Target): void {
    if (target.to === 'leader') this.metadata.markStale([target.topic])
    else if (target.to === 'coordinator') this.coordinators.forget(target.kind, target.key)
  }

  private live(api: Api, target: Target): Connection | undefined {
    const lane = laneOf(api, target)
    if (target.to === 'any') {
      let best: Connection | undefined
      for (const address of this.anyAddresses()) {
        const connection = this.connections.live(address, lane)
        if (connection && (!best || connection.inFlight < best.inFlight)) best = connection
      }
      return best
    }
    const address = this.addressOf(target)
    return address && this.connections.live(address, lane)
  }
  private addressOf(target: Target): Address | undefined {
    switch (target.to) {
      case 'any':
        return undefined
      case 'controller':
        return this.metadata.node(this.metadata.controller)
      case 'node':
        return this.metadata.node(target.node)
      case 'leader':
        return this.metadata.node(
          this.metadata.cached(target.topic)?.partitions[target.partition]?.leader ?? -1,
        )
      case 'coordinator':
        return this.coordinators.known(target.kind, target.key)
    }
  }
  private async connect(api: Api, target: Target, signal: AbortSignal | undefined): Promise<Connection> {
    this.lifetime.signal.throwIfAborted()
    if (signal?.aborted) throw abortedError(signal, api.name)
    const lane = laneOf(api, target)
    if (target.to === 'any') return this.connectAny(lane, signal)
    const address = await this.locate(target, signal)
    try {
      return await this.connections.to(address, lane, signal)
    } catch (error) {
      if (!signal?.aborted) this.lost(target)
      throw error
    }
  }
  private async locate(target: Exclude<Target, { to: 'any' }>, signal?: AbortSignal): Promise<Address> {
    if (target.to === 'coordinator')
      return abortable(
        this.coordinators.find(target.kind, target.key),
        signal,
        `Finding the coordinator of ${target.kind} ${target.key}`,
      )
    if (target.to === 'leader') await this.topic(target.topic, signal ? { signal } : {})
    else if (!this.addressOf(target))
      await abortable(this.metadata.all('brokers'), signal, 'Asking for brokers')
    const address = this.addressOf(target)
    if (address) return address
    if (target.to === 'leader') {
      this.metadata.markStale([target.topic])
      throw new KafkaError(
        'LEADER_NOT_AVAILABLE',
        `${target.topic}-${target.partition} has no leader at present`,
        {
          retriable: true,
        },
      )
    }
    const which = target.to === 'node' ? `Broker ${target.node}` : 'The controller'
    throw new KafkaError('DISCONNECTED', `${which} is not among the brokers of the cluster at present`)
  }

  private anyAddresses(): readonly Address[] {
    const { nodes } = this.metadata
    return nodes.length > 0 ? nodes : this.bootstrap
  }
  /** Tries one broker after the other, those that did not fail lately first. */
  private async connectAny(lane: string, signal: AbortSignal | undefined): Promise<Connection> {
    try {
      return await this.connectOneOf(this.anyAddresses(), lane, signal)
    } catch (error) {
      const { retriable } = error as KafkaError
      const again = this.settings['metadata.recovery.strategy'] === 'rebootstrap'
      if (!retriable || !again || this.metadata.nodes.length === 0) throw error
      this.metadata.forgetNodes()
      return this.connectOneOf(this.bootstrap, lane, signal)
    }
  }
  private async connectOneOf(
    addresses: readonly Address[],
    lane: string,
    signal: AbortSignal | undefined,
  ): Promise<Connection> {
    const first = Math.floor(Math.random() * addresses.length)
    const turned = [...addresses.slice(first), ...addresses.slice(0, first)]
    const failed = (a: Address) => (this.connections.backingOff(a, lane) ? 1 : 0)
    let last: unknown
    for (const address of turned.sort((a, b) => failed(a) - failed(b))) {
      try {
        return await this.connections.to(address, lane, signal)
      } catch (error) {
        if (!(error as KafkaError).retriable) throw error
        last = error
      }
    }
    throw last
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
    const { clusterId, controller, nodes } = this.metadata
    return { clusterId, controller, nodes }
  }
  refresh(topics: readonly string[]): void {
    this.metadata.markStale(topics)
  }
  forgetCoordinator(kind: 'group' | 'transaction', key: string): void {
    this.coordinators.forget(kind, key)
  }

  async retry<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    options: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.settings['default.api.timeout.ms']
    const deadline = AbortSignal.timeout(timeoutMs)
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
      await delay(
        backoffMs(failures, this.settings['retry.backoff.ms'], this.settings['retry.backoff.max.ms']),
        signal,
      )
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
