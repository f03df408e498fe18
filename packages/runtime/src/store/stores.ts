import type { SourceOffset, SourcePartition } from '@isthmus/sdk'
import type { ClusterSnapshot, ConfigChange } from '../state/snapshot.ts'
import type { InstanceStatus, TopicStatus } from '../state/status.ts'

/** The cluster's configuration. Standalone keeps it in memory, distributed in the config topic. */
export interface ConfigStore extends AsyncDisposable {
  /** Immutable; the same object until something changes. */
  snapshot(): ClusterSnapshot
  /** Settles once a fresh reader would see it. */
  append(change: ConfigChange): Promise<void>
  /** Latest wins: a slow reader skips, never queues. Starts with the next change; ends when `signal` aborts. */
  changes(signal: AbortSignal): AsyncIterable<ClusterSnapshot>
  /** Settles when the snapshot holds everything that was written, by whomever, before the call; rejects when that takes longer. */
  refresh(timeoutMs: number): Promise<void>
}

export type PartitionAndOffset = readonly [partition: SourcePartition, offset: SourceOffset | null]

/** Where source connectors go on after a restart. */
export interface OffsetStore extends AsyncDisposable {
  /** The offset of each partition, in the same order; null where there is none. Sees every earlier `write` that settled. */
  read(connector: string, partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>
  /** Settles when the offsets are durable: a worker killed after that finds them. A null offset forgets the partition. */
  write(connector: string, offsets: readonly PartitionAndOffset[]): Promise<void>
  /** Every partition of a connector that has an offset, durably as `write`: what is shown is not taken back by a kill. */
  all(connector: string): Promise<readonly (readonly [SourcePartition, SourceOffset])[]>
}

/** What instances were last seen doing, and the topics connectors use. */
export interface StatusStore extends AsyncDisposable {
  /** Names of connectors of which, or of whose tasks, there is a status. */
  connectors(): readonly string[]
  connector(name: string): InstanceStatus | undefined
  task(connector: string, task: number): InstanceStatus | undefined
  /** By task number, ascending. */
  tasks(connector: string): readonly (readonly [number, InstanceStatus])[]
  /** `late` is for reports that may come too late (UNASSIGNED, FAILED), which give way to another worker: the generation in which the instance began. */
  putConnector(name: string, status: InstanceStatus, late?: number): void
  putTask(connector: string, task: number, status: InstanceStatus, late?: number): void
  /** Of a connector: it and all its tasks. */
  deleteConnector(name: string): void
  deleteTask(connector: string, task: number): void
  /**
   * Called right before this worker asks to join its group; the answer is called with the generation that comes of it. A status that was
   * known before and has a later generation is of an earlier life of the group, whose generations began again: it holds up no report.
   */
  joining(): (generation: number) => void
  topics(connector: string): readonly TopicStatus[]
  putTopic(status: TopicStatus): void
  deleteTopics(connector: string): void
  /** Settles when all that was put is written. */
  flush(): Promise<void>
}
