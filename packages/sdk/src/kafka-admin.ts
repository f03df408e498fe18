import type { PartitionOffset, TopicPartition } from './topic-partition.ts'

/** A topic to be created. */
export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** Absent or -1: the broker's default. */
  readonly replicationFactor?: number
  /** Of the topic, such as `cleanup.policy`; what is not named has the broker's default. */
  readonly config?: { readonly [name: string]: string }
}

/**
 * Kafka's administration, for what a connector or a task does beside carrying records: a source that creates its topics as they were
 * elsewhere, a restore that sets the offsets of groups. It has the worker's connection and its `admin.` properties, and those that
 * the connector overrides (`admin.override.*`) as far as the worker's policy allows; it connects at the first call, and is
 * released with the connector or task that it was lent to.
 *
 * A call repeats what is worth another attempt until `default.api.timeout.ms` is over. Then, and at once for what no attempt mends, it
 * rejects with a `ConnectError` that says what was tried, and the topics, partitions or group of it:
 *
 * - `retriable`: Kafka could not be reached, or was not ready. A task may let it through: what failed with it is tried again.
 * - `kafka`: Kafka refuses, for instance for want of rights, or because of a property that no topic has.
 * - `state`: the offsets of a group that has members were to be altered.
 * - `connect`: the worker's policy does not allow what the connector overrides; `config`: no client can go by it.
 *
 * When the connector or task has ended, and when its stop takes too long, calls reject with the reason of its `signal`.
 */
export interface KafkaAdmin {
  /** The topics that exist, of those named. */
  topics(names: readonly string[]): Promise<ReadonlyMap<string, { readonly partitions: number }>>
  /**
   * Creates those that do not exist, and leaves those that do as they are; answers with the names of those it has created, once brokers
   * know of them. Where one cannot be created it rejects, and the others are there.
   */
  createTopics(topics: readonly NewTopic[]): Promise<readonly string[]>
  /** Ids of all consumer groups of the cluster, also of those that have offsets and no members, sorted. */
  groups(): Promise<readonly string[]>
  /** Committed offsets of a group, of all partitions when none are named; partitions without one are left out, so a group that is unknown has none. */
  groupOffsets(group: string, partitions?: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>
  /**
   * Sets these offsets and leaves others as they are. The group must have no members, and need not exist; the partitions must. Where one
   * partition is refused the offsets of others may be set.
   */
  alterGroupOffsets(group: string, offsets: readonly PartitionOffset[]): Promise<void>
}
