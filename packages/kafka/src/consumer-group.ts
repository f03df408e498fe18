import type { ClientProps, Cluster } from './cluster.ts'

export interface GroupPartition {
  readonly topic: string
  readonly partition: number
}
export interface CommittedPartition extends GroupPartition {
  /** null: nothing committed. */
  readonly offset: number | null
}
export type Subscription = { readonly topics: readonly string[] } | { readonly pattern: RegExp }

export type GroupEvent =
  /** Newly assigned, with what the group has committed for them. */
  | { readonly type: 'assigned'; readonly partitions: readonly CommittedPartition[] }
  /** Commit and let go, then call `done`: the group waits for it, as long as `rebalance.timeout` (max.poll.interval.ms) allows. */
  | { readonly type: 'revoked'; readonly partitions: readonly GroupPartition[]; readonly done: () => void }
  /** Gone without a chance to commit. */
  | { readonly type: 'lost'; readonly partitions: readonly GroupPartition[] }

/**
 * A sink's place in its consumer group. Runs in a thread that no task can block: heartbeats and commits go on whatever the task
 * does; records are fetched elsewhere. `partition.assignment.strategy` (range, cooperative-sticky), `group.id`,
 * `group.instance.id`, `session.timeout.ms`, `max.poll.interval.ms` as in Java.
 */
export interface ConsumerGroup extends AsyncDisposable {
  events(signal: AbortSignal): AsyncIterable<GroupEvent>
  /** Commits with the current generation; rejects with ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID… when the assignment is another's. */
  commit(
    offsets: readonly { topic: string; partition: number; offset: number }[],
    signal?: AbortSignal,
  ): Promise<void>
  /** The task showed life; without it for `max.poll.interval.ms` the member leaves, as Java's consumer does. */
  alive(): void
}
export type OpenConsumerGroup = (
  cluster: Cluster,
  props: ClientProps,
  subscription: Subscription,
) => ConsumerGroup
