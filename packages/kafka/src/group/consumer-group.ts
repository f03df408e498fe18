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
import type { AssignedMember } from './assignment.ts'
import { type Assignor, assignorsOf } from './assignors.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'
import { EventQueue } from './event-queue.ts'
import type { MembershipEvent } from './member-phase.ts'
import { type Membership, openMembership } from './membership.ts'
import { commitOffsets, committedOffsets } from './offsets.ts'
import type { GroupMember, MembershipOptions } from './options.ts'
import {
  openTopicWatch,
  partitionCounts,
  type Subscription,
  subscribedTopics,
  type TopicWatch,
} from './topics.ts'

export type { Subscription } from './topics.ts'
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
const described = ({ memberId, groupInstanceId, metadata }: GroupMember): AssignedMember => ({
  memberId,
  groupInstanceId,
  subscription: decodeSubscription(metadata),
})
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
  private readonly inbox = new EventQueue<Inbox>()
  private readonly queue = new EventQueue<GroupEvent>()
  private readonly lifetime = new AbortController()
  private running: Promise<unknown> | null = null
  private watch: TopicWatch | null = null
  private topics: readonly string[] = []
  private joinedFor: readonly string[] = []
  private owned: readonly TopicPartition[] = []
  /** In a generation, and no rebalance going on as far as we know. */
  private stable = false
  private ownedIn = -1
  /** On the leader: what the last assignment was made for. */
  private counts: ReadonlyMap<string, number> | null = null
  private wanted: readonly string[] = []
  private settled: (() => void)[] = []
  private lastAlive = 0
  private lapsed = false
  private pollTimer: NodeJS.Timeout | null = null

  constructor(
    cluster: Cluster,
    props: ClientProps,
    subscription: Subscription,
    stalled: Stalled | undefined,
  ) {
    this.cluster = cluster
    this.log = cluster.logs(CONSUMER_COORDINATOR)
    this.config = consumerOptions(props)
    this.subscription = subscription
    const groupId = this.config['group.id']
    if (!groupId) throw new KafkaError('CONFIG', 'A consumer group needs the property group.id')
    this.groupId = groupId
    this.assignors = assignorsOf(this.config['partition.assignment.strategy'])
    this.cooperative = this.assignors.every((a) => a.cooperative)
    this.membership = openMembership(cluster, props, {
      groupId,
      protocolType: 'consumer',
      protocols: this.assignors.map((a) => ({ name: a.name, metadata: () => this.metadata(a) })),
      assign: (protocol, members) => this.assign(protocol, members),
      stalled,
      resume: async (members) => void (await this.count(members.map(described))),
    })
  }

  events(signal: AbortSignal): AsyncIterable<GroupEvent> {
    this.running ??= this.run()
    return this.queue.read(signal)
  }

  private async run(): Promise<void> {
    const { signal } = this.lifetime
    try {
      this.topics = await subscribedTopics(this.cluster, this.subscription, this.config, signal)
      this.log.debug(`Group ${this.groupId} reads of topics ${listed(this.topics)}`)
      this.watch = openTopicWatch(() => this.look(), this.config['metadata.max.age.ms'], signal)
      const reading = this.receive()
      for await (const event of this.inbox.read(signal)) await this.handle(event)
      await Promise.all([this.watch.over, reading])
      this.queue.end()
    } catch (error) {
      if (this.owned.length > 0 && !signal.aborted) this.lose()
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
    switch (event.type) {
      case 'rebalance':
        return this.giveWay('the group is rebalancing')
      case 'topics':
        return this.giveWay(event.reason)
      case 'assigned':
        return this.take(decodeAssignment(event.assignment), event.generation)
      case 'lost':
        return this.lose()
    }
  }

  /** Eager members give up everything before they join again; cooperative ones keep it. */
  private async giveWay(reason: string): Promise<void> {
    if (!this.stable) return
    if (!this.cooperative) {
      const all = this.owned
      this.log.debug(`Revoked, as ${reason}: ${named(all)}`)
      await this.revoke(all)
      this.owned = []
    }
    this.stable = false
    this.membership.rejoin(reason)
  }

  private async take(assigned: readonly TopicPartition[], generation: number): Promise<void> {
    const names = new Set(assigned.map(partitionName))
    const before = new Set(this.owned.map(partitionName))
    const gone = this.owned.filter((p) => !names.has(partitionName(p)))
    const added = assigned.filter((p) => !before.has(partitionName(p)))
    this.log.debug(
      `Assigned in generation ${generation}: ${named(assigned)}; new: ${named(added)}; revoked: ${named(gone)}`,
    )
    this.stable = true
    this.letCommitsGo()
    await this.revoke(gone)
    const first = this.ownedIn < 0
    this.owned = assigned
    this.ownedIn = generation
    if (added.length > 0 || first || !this.cooperative) {
      const { signal } = this.lifetime
      const partitions =
        added.length === 0 ? [] : await committedOffsets(this.cluster, this.groupId, added, signal)
      this.queue.push({ type: 'assigned', partitions })
      this.watchPolls()
    }
    if (gone.length > 0) await this.giveWay('partitions given up are to be assigned anew')
    else if (this.joinedFor !== this.topics) await this.giveWay('the subscribed topics changed meanwhile')
  }

  /** Resolves when the task has let go, or its time to do so is over. */
  private async revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.lifetime.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, this.config['max.poll.interval.ms'])
      this.lifetime.signal.addEventListener('abort', done)
      this.queue.push({ type: 'revoked', partitions, done })
    })
  }

  private lose(): void {
    const partitions = this.owned
    this.owned = []
    this.ownedIn = -1
    this.stable = false
    this.letCommitsGo()
    this.log.debug(`Lost: ${named(partitions)}`)
    if (partitions.length > 0) this.queue.push({ type: 'lost', partitions })
  }

  private metadata(assignor: Assignor): Uint8Array {
    const { topics, ownedIn: generation } = this
    this.joinedFor = topics
    const owned = this.cooperative ? this.owned : []
    return encodeSubscription({
      topics,
      userData: assignor.userData(this.owned, generation),
      owned,
      generation,
    })
  }

  private async assign(protocol: string, members: readonly GroupMember[]) {
    const assignor = this.assignors.find((a) => a.name === protocol)
    if (!assignor)
      throw new KafkaError(
        'INCONSISTENT_GROUP_PROTOCOL',
        `The group chose the assignor ${protocol}, which is not ours`,
      )
    const all = members.map(described)
    const shares = assignor.assign(await this.count(all), all)
    const told = listed([...shares].map(([member, share]) => `${member} has ${share.length}`))
    this.log.debug(`Divided with ${protocol}: ${told}`)
    return new Map([...shares].map(([member, share]) => [member, encodeAssignment(share)]))
  }

  /** What an assignment is made for, and watched from then on. */
  private async count(members: readonly AssignedMember[]): Promise<ReadonlyMap<string, number>> {
    this.wanted = [...new Set(members.flatMap((m) => m.subscription.topics))].sort()
    this.counts = await partitionCounts(this.cluster, this.wanted, this.lifetime.signal)
    if (this.counts.size < this.wanted.length) this.watch?.missing()
    return this.counts
  }

  /** Whether the subscribed topics or their partitions have changed. True: some topic is missing. */
  private async look(): Promise<boolean> {
    const { signal } = this.lifetime
    const topics = await subscribedTopics(this.cluster, this.subscription, this.config, signal).catch(
      (error) => {
        // no later look could do better
        if ((error as KafkaError).kafka === 'CONFIG') this.inbox.end(error)
        throw error
      },
    )
    if (topics.join('\0') !== this.topics.join('\0')) {
      this.topics = topics
      this.inbox.push({ type: 'topics', reason: 'the topics that fit the pattern have changed' })
      return false
    }
    const { counts, wanted } = this
    // only the leader has made an assignment
    if (counts === null || !this.stable) return false
    const now = await partitionCounts(this.cluster, wanted, signal)
    const same = wanted.every((topic) => counts.get(topic) === now.get(topic))
    if (!same && counts === this.counts)
      this.inbox.push({ type: 'topics', reason: 'the number of partitions of a topic has changed' })
    return now.size < wanted.length
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
        const owned = new Set(this.owned.map(partitionName))
        if (!moved || !offsets.every((o) => owned.has(partitionName(o))) || this.lifetime.signal.aborted)
          throw error
        // what we keep through the rebalance is committed in the next generation
        if (!this.stable || this.membership.generation === used) await this.nextGeneration(signal)
        const still = new Set(this.owned.map(partitionName))
        if (!offsets.every((o) => still.has(partitionName(o))) || signal?.aborted) throw error
      }
    }
  }
  /** The broker takes any partition's offset from any member: a late commit would undo that of the next owner. */
  private expectOwned(offsets: readonly PartitionOffset[]): void {
    const { groupId } = this.capacity()
    const owned = new Set(this.owned.map(partitionName))
    const other = offsets.find((o) => !owned.has(partitionName(o)))
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
  private nextGeneration(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, this.config['default.api.timeout.ms'])
      signal?.addEventListener('abort', done)
      this.settled.push(done)
    })
  }
  private letCommitsGo(): void {
    for (const done of this.settled.splice(0)) done()
  }

  alive(): void {
    this.lastAlive = Date.now()
    if (!this.lapsed) return
    this.lapsed = false
    this.membership.rejoin('the task shows life again')
  }
  private watchPolls(): void {
    if (this.pollTimer !== null) return
    this.lastAlive = Date.now()
    const limit = this.config['max.poll.interval.ms']
    const check = () => {
      const left = this.lastAlive + limit - Date.now()
      if (left > 0) {
        this.pollTimer = setTimeout(check, left).unref()
        return
      }
      this.pollTimer = null
      this.lapsed = true
      this.membership.leave('consumer poll timeout has expired.')
    }
    this.pollTimer = setTimeout(check, limit).unref()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
  async close(signal?: AbortSignal): Promise<void> {
    this.lifetime.abort(new KafkaError('CLOSED', 'The consumer group was closed'))
    if (this.pollTimer !== null) clearTimeout(this.pollTimer)
    this.letCommitsGo()
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
