import type { Cluster } from './cluster.ts'
import type { KafkaError } from './errors.ts'

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs?: { readonly [name: string]: string }
}
export interface TopicPartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}
export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number }

/** Each call retries what is retriable within `default.api.timeout.ms`; per-item results hold their own errors. */
export interface Admin {
  createTopics(
    topics: readonly NewTopic[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, KafkaError | null>>
  deleteTopics(
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, KafkaError | null>>
  createPartitions(topic: string, total: number, signal?: AbortSignal): Promise<void>
  /** Effective values by name, of a topic. */
  topicConfigs(topic: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string | null>>
  /** Sets the given, null removes. */
  alterTopicConfigs(
    topic: string,
    configs: { readonly [name: string]: string | null },
    signal?: AbortSignal,
  ): Promise<void>
  listOffsets(
    partitions: readonly { topic: string; partition: number }[],
    spec: OffsetSpec,
    options?: { isolation?: 'read_uncommitted' | 'read_committed'; signal?: AbortSignal },
  ): Promise<readonly TopicPartitionOffset[]>
  deleteRecords(before: readonly TopicPartitionOffset[], signal?: AbortSignal): Promise<void>
  listGroups(
    signal?: AbortSignal,
  ): Promise<readonly { groupId: string; protocolType: string; state: string }[]>
  /** Committed offsets of a group; all partitions when none are named. */
  groupOffsets(
    groupId: string,
    partitions?: readonly { topic: string; partition: number }[],
    signal?: AbortSignal,
  ): Promise<readonly TopicPartitionOffset[]>
  /** The group must have no members. */
  alterGroupOffsets(
    groupId: string,
    offsets: readonly TopicPartitionOffset[],
    signal?: AbortSignal,
  ): Promise<void>
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly { topic: string; partition: number }[],
    signal?: AbortSignal,
  ): Promise<void>
  deleteGroup(groupId: string, signal?: AbortSignal): Promise<void>
  /** Fences every producer of these transactional ids (InitProducerId). */
  fenceProducers(transactionalIds: readonly string[], signal?: AbortSignal): Promise<void>
}
export type OpenAdmin = (cluster: Cluster) => Admin
