import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { type ClientLog, CONSUMER_COORDINATOR, listed } from '../log.ts'
import { type ConsumerConfig, consumerOptions } from '../properties/consumer.ts'
import type { ClientProps } from '../properties/types.ts'
import type { Stalled } from '../stall.ts'
import {
  type CommittedOffset,
  type PartitionOffset,
  partitionName,
  type TopicPartition,
} from '../topic-partition.ts'
import { Waker } from '../waiting.ts'
import { type Assignor, assignorsOf } from './assignors.ts'
import {
  actionsAt,
  type ConsumerAction,
  type ConsumerEvent,
  type ConsumerPhase,
  claimOf,
  outside,
  ownedIn,
} from './consumer-phase.ts'
import { decodeAssignment, encodeSubscription } from './consumer-protocol.ts'
import { EventQueue } from './event-queue.ts'
import { ConsumerLeader } from './leader.ts'
import type { MembershipEvent } from './member-phase.ts'
import { type Membership, openMembership } from './membership.ts'
import { commitOffsets, committedOffsets } from './offsets.ts'
import type { MembershipOptions } from './options.ts'
import { openPollInterval, type PollInterval } from './poll-interval.ts'
import { type Subscription, subscribedTopics, TopicWatch } from './topics.ts'

export type GroupEvent =
  /** Newly assigned, with what the group has committed for them. The first one comes even when there is nothing. */
  | { readonly type: 'assigned'; readonly partitions: readonly CommittedOffset[] }
  /** Commit and let go, then call `done`: the group waits for it, as long as `rebalance.timeout` (max.poll.interval.ms) allows. */
  | { readonly type: 'revoked'; readonly partitions: readonly TopicPartition[]; readonly done: () => void }
  /** Gone without a chance to commit. */
  | { readonly type: 'lost'; readonly partitions: readonly TopicPartition[] }

/**
 * A sink's place in its consumer group. Runs in a thread that no task can block: heartbeats and commits go on whatever the task
 * does; records are fetched elsewhere. `partition.assignment.strategy` (range, roundrobin, sticky, cooperative-sticky),
 * `group.id`, `group.instance.id`, `session.timeout.ms`, `max.poll.interval.ms` as in Java.
 */
export interface ConsumerGroup extends AsyncDisposable {
  /** The first call joins. Ends on disposal; throws what no new join can mend. */
  events(signal: AbortSignal): AsyncIterable<GroupEvent>
  /**
   * Commits with the current generation; waits while a rebalance is being settled. Rejects with ILLEGAL_GENERATION,
   * UNKNOWN_MEMBER_ID… when the assignment is another's.
   */
  commit(offsets: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
  /** The task showed life; without it for `max.poll.interval.ms` the member leaves, as Java's consumer does, until the next call. */
  alive(): void
  /** Disposes at once, but for the leave: it is sent as soon as the coordinator can be reached, until `signal` aborts. */
  close(signal: AbortSignal): Promise<void>
}

type Inbox = MembershipEvent | { readonly type: 'topics'; readonly reason: string }
const named = (partitions: readonly TopicPartition[]) => listed(partitions.map(partitionName))

class Consumer implements ConsumerGroup {
  private readonly cluster: Cluster
  private readonly config: ConsumerConfig
  private readonly groupId: string
  private readonly log: ClientLog
  private readonly subscription: Subscription
  private readonly assignors: readonly Assignor[]
  private readonly cooperative: boolean
  private readonly membership: Membership
  private readonly leader: ConsumerLeader
  private readonly polls: PollInterval
  private readonly topicWatch = new TopicWatch()
  private readonly inbox = new EventQueue<Inbox>()
  private readonly queue = new EventQueue<GroupEvent>()
  private readonly lifetime = new AbortController()
  /** Commits that wait for the rebalance to be over. */
  private readonly settled = new Waker()
  private readonly wanted = Promise.withResolvers<void>()
  private readonly running: Promise<void>
  private phase: ConsumerPhase = outside
  private topics: readonly string[] = []
  /** What the last join said of them. */
  private joinedFor: readonly string[] = []

  constructor(
    cluster: Cluster,
    props: ClientProps,
    subscription: Subscription,
    stalled: Stalled | undefined,
  ) {
    const { signal } = this.lifetime
    this.cluster = cluster
    this.log = cluster.logs(CONSUMER_COORDINATOR)
    this.config = consumerOptions(props)
    this.subscription = subscription
    const groupId = this.config['group.id']
    if (!groupId) throw new KafkaError('CONFIG', 'A consumer group needs the property group.id')
    this.groupId = groupId
    this.assignors = assignorsOf(this.config['partition.assignment.strategy'])
    this.cooperative = this.assignors.every((a) => a.cooperative)
    const leader = new ConsumerLeader(
      cluster,
      this.assignors,
      () => this.topicWatch.topicMissing(),
      this.log,
      signal,
    )
    this.leader = leader
    this.membership = openMembership(cluster, props, {
      groupId,
      protocolType: 'consumer',
      protocols: this.assignors.map((a) => ({ name: a.name, metadata: () => this.metadata(a) })),
      assign: (protocol, members) => leader.assign(protocol, members),
      stalled,
      resume: (members) => leader.resume(members),
    })
    this.polls = openPollInterval(
      this.config['max.poll.interval.ms'],
      {
        exceeded: () => this.membership.leave('consumer poll timeout has expired.'),
        revived: () => this.membership.rejoin('the task shows life again'),
      },
      signal,
    )
    this.running = this.wanted.promise.then(() => this.run())
  }

  events(signal: AbortSignal): AsyncIterable<GroupEvent> {
    this.wanted.resolve()
    return this.queue.read(signal)
  }

  private async run(): Promise<void> {
    const { signal } = this.lifetime
    try {
      signal.throwIfAborted()
      this.topics = await this.subscribed()
      this.log.debug(`Group ${this.groupId} reads of topics ${listed(this.topics)}`)
      const watching = this.topicWatch.run(() => this.look(), this.config['metadata.max.age.ms'], signal)
      const reading = this.receive()
      for await (const event of this.inbox.read(signal)) await this.handle(event)
      await Promise.all([watching, reading])
      this.queue.end()
    } catch (error) {
      if (!signal.aborted) await this.handle({ type: 'lost', error: error as Error })
      this.queue.end(signal.aborted ? null : error)
      this.lifetime.abort(error)
    }
  }
  private async receive(): Promise<void> {
    try {
      for await (const event of this.membership.events(this.lifetime.signal)) this.inbox.push(event)
      this.inbox.end()
    } catch (error) {
      this.inbox.end(error)
    }
  }

  private async handle(event: Inbox): Promise<void> {
    for (const action of actionsAt(this.phase, this.consumerEvent(event), this.cooperative))
      await this.carryOut(action)
  }
  private consumerEvent(event: Inbox): ConsumerEvent {
    switch (event.type) {
      case 'rebalance':
        return { type: 'rebalance', reason: 'the group is rebalancing' }
      case 'topics':
        return { type: 'rebalance', reason: event.reason }
      case 'assigned': {
        const { generation, assignment } = event
        const partitions = decodeAssignment(assignment)
        this.log.debug(`Assigned in generation ${generation}: ${named(partitions)}`)
        return { type: 'assigned', generation, partitions, outdated: this.joinedFor !== this.topics }
      }
      case 'lost':
        return { type: 'lost' }
    }
  }

  private async carryOut(action: ConsumerAction): Promise<void> {
    switch (action.type) {
      case 'become':
        this.phase = action.phase
        if (action.phase.type !== 'rejoining') this.settled.wake()
        return
      case 'revoke':
        this.log.debug(`Revoked, as ${action.reason}: ${named(action.partitions)}`)
        return this.revoke(action.partitions)
      case 'assign': {
        const { partitions } = action
        this.log.debug(`Newly assigned: ${named(partitions)}`)
        const committed =
          partitions.length === 0
            ? []
            : await committedOffsets(this.cluster, this.groupId, partitions, this.lifetime.signal)
        this.queue.push({ type: 'assigned', partitions: committed })
        this.polls.begin()
        return
      }
      case 'lose':
        this.log.debug(`Lost: ${named(action.partitions)}`)
        this.queue.push({ type: 'lost', partitions: action.partitions })
        return
      case 'rejoin':
        this.membership.rejoin(action.reason)
    }
  }

  /** Resolves when the task has let go, or its time to do so is over. */
  private revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const letGo = new Waker()
    this.queue.push({ type: 'revoked', partitions, done: () => letGo.wake() })
    return letGo.wait(this.config['max.poll.interval.ms'], this.lifetime.signal)
  }

  private metadata(assignor: Assignor): Uint8Array {
    const { topics } = this
    this.joinedFor = topics
    const { owned, former, generation } = claimOf(this.phase)
    return encodeSubscription({
      topics,
      userData: assignor.userData(former, generation),
      owned: this.cooperative ? owned : [],
      generation,
    })
  }

  private subscribed(): Promise<readonly string[]> {
    return subscribedTopics(this.cluster, this.subscription, this.config, this.lifetime.signal)
  }
  /** Whether the subscribed topics or their partitions have changed. True: some topic is missing. */
  private async look(): Promise<boolean> {
    const topics = await this.subscribed().catch((error) => {
      // no later look could do better
      if ((error as KafkaError).kafka === 'CONFIG') this.inbox.end(error)
      throw error
    })
    if (topics.join('\0') !== this.topics.join('\0')) {
      this.topics = topics
      this.inbox.push({ type: 'topics', reason: 'the topics that fit the pattern have changed' })
      return false
    }
    if (this.phase.type !== 'stable') return false
    const { outdated, missing } = await this.leader.look()
    if (outdated)
      this.inbox.push({ type: 'topics', reason: 'the number of partitions of a topic has changed' })
    return missing
  }

  async commit(offsets: readonly PartitionOffset[], signal?: AbortSignal): Promise<void> {
    if (offsets.length === 0) return
    this.expectOwned(offsets)
    for (;;) {
      const used = this.membership.generation
      try {
        return await commitOffsets(this.cluster, this.groupId, () => this.capacity(), offsets, signal)
      } catch (error) {
        const { kafka } = error as KafkaError
        const moved = kafka === 'REBALANCE_IN_PROGRESS' || kafka === 'ILLEGAL_GENERATION'
        if (!moved || this.notOwned(offsets) || this.lifetime.signal.aborted) throw error
        // what we keep through the rebalance is committed in the next generation
        if (this.phase.type !== 'stable' || this.membership.generation === used)
          await this.settled.wait(this.config['default.api.timeout.ms'], signal)
        if (this.notOwned(offsets) || signal?.aborted) throw error
      }
    }
  }
  private notOwned(offsets: readonly PartitionOffset[]): PartitionOffset | undefined {
    const owned = new Set(ownedIn(this.phase).map(partitionName))
    return offsets.find((o) => !owned.has(partitionName(o)))
  }
  /** The broker takes any partition's offset from any member: a late commit would undo that of the next owner. */
  private expectOwned(offsets: readonly PartitionOffset[]): void {
    const { groupId } = this.capacity()
    const other = this.notOwned(offsets)
    if (other)
      throw new KafkaError(
        'ILLEGAL_GENERATION',
        `Partition ${partitionName(other)} is not, or no longer, assigned to this member of group ${groupId}`,
      )
  }
  private capacity() {
    const { generation, memberId, groupInstanceId } = this.membership
    if (generation < 0)
      throw new KafkaError('UNKNOWN_MEMBER_ID', `Not a member of group ${this.groupId} at present`)
    return { groupId: this.groupId, generation, memberId, groupInstanceId }
  }

  alive(): void {
    this.polls.alive()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
  async close(signal?: AbortSignal): Promise<void> {
    this.lifetime.abort(new KafkaError('CLOSED', 'The consumer group was closed'))
    this.settled.wake()
    this.wanted.resolve()
    this.inbox.end()
    await this.membership.close(signal)
    await this.running
    this.queue.end()
  }
}

export function openConsumerGroup(
  cluster: Cluster,
  props: ClientProps,
  subscription: Subscription,
  { stalled }: Pick<MembershipOptions, 'stalled'> = {},
): ConsumerGroup {
  return new Consumer(cluster, props, subscription, stalled)
}
