import type { Cluster } from '../cluster/cluster.ts'
import type { Node, TopicInfo } from '../cluster/topology.ts'
import type { KafkaError } from '../errors.ts'
import type { PartitionOffset, TopicPartition } from '../topic-partition.ts'
import { groupAdmin } from './groups.ts'
import { recordAdmin } from './records.ts'
import { topicAdmin } from './topics.ts'

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs?: { readonly [name: string]: string }
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
  /** `total` counts those there are. */
  createPartitions(topic: string, total: number, signal?: AbortSignal): Promise<void>
  /** As they are now; the error of those that cannot be had (UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED). */
  describeTopics(
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, TopicInfo | KafkaError>>
  describeCluster(
    signal?: AbortSignal,
  ): Promise<{ clusterId: string | null; controller: number; nodes: readonly Node[] }>
  /** Effective values by name, of a topic. */
  topicConfigs(topic: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string | null>>
  /** Sets the given, null removes. */
  alterTopicConfigs(
    topic: string,
    configs: { readonly [name: string]: string | null },
    signal?: AbortSignal,
  ): Promise<void>
  /** Waits for missing topics and leaders until its time is over. Offset -1: no record that late. */
  listOffsets(
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
    options?: { isolation?: 'read_uncommitted' | 'read_committed'; signal?: AbortSignal },
  ): Promise<readonly PartitionOffset[]>
  deleteRecords(before: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
  listGroups(
    signal?: AbortSignal,
  ): Promise<readonly { groupId: string; protocolType: string; state: string }[]>
  /** Committed offsets of a group, of all partitions when none are named; partitions without one are left out. */
  groupOffsets(
    groupId: string,
    partitions?: readonly TopicPartition[],
    signal?: AbortSignal,
  ): Promise<readonly PartitionOffset[]>
  /** The group must have no members (UNKNOWN_MEMBER_ID otherwise), and need not exist. */
  alterGroupOffsets(groupId: string, offsets: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    signal?: AbortSignal,
  ): Promise<void>
  /** GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  deleteGroup(groupId: string, signal?: AbortSignal): Promise<void>
  /** Fences every producer of these transactional ids (InitProducerId). */
  fenceProducers(transactionalIds: readonly string[], signal?: AbortSignal): Promise<void>
}

/** How long a broker may take to carry out one request. */
const OPERATION_TIMEOUT = 30_000

/** Holds nothing: it lives and ends with the cluster. */
export function openAdmin(cluster: Cluster): Admin {
  return {
    ...topicAdmin(cluster, OPERATION_TIMEOUT),
    ...recordAdmin(cluster, OPERATION_TIMEOUT),
    ...groupAdmin(cluster, OPERATION_TIMEOUT),
    describeCluster: (signal) => cluster.retry((s) => cluster.nodes(s), signal ? { signal } : {}),
  }
}
