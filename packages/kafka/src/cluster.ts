import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'

/** Java client property text by name: `bootstrap.servers`, `security.protocol`, `sasl.jaas.config`, `request.timeout.ms`… */
export type ClientProps = { readonly [name: string]: string }

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
  /** Known already, else undefined: the synchronous path of producers and fetchers. */
  cached(topic: string): TopicInfo | undefined
  /** Fetches what is not known (or older than `metadata.max.age.ms`); rejects with UNKNOWN_TOPIC_OR_PARTITION after `timeoutMs`. */
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
