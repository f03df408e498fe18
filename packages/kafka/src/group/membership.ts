import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { type ClientLog, CONSUMER_COORDINATOR, WORKER_COORDINATOR } from '../log.ts'
import { type ClientProps, type OptionsOf, parseProperties } from '../properties/types.ts'
import { watchStalls } from '../stall.ts'
import { backoffMs, delay, Waker } from '../waiting.ts'
import { EventQueue } from './event-queue.ts'
import { leave } from './leaving.ts'
import {
  firstState,
  generationOf,
  type MemberEvent,
  type MemberState,
  type MembershipEvent,
  next,
  type Phase,
} from './member-phase.ts'
import { type Joined, type MemberRequests, memberRequests, membershipProperties } from './member-requests.ts'
import type { MembershipOptions } from './options.ts'

/**
 * A membership in a group of the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), for any `protocolType`: `connect`
 * for workers, `consumer` for sinks. Heartbeats run on their own timer, whatever the reader of `events` does. Disposal leaves the
 * group (unless static).
 */
export interface Membership extends AsyncDisposable {
  /** The first call joins. Ends on disposal; throws what no new join can mend: FENCED_INSTANCE_ID, GROUP_AUTHORIZATION_FAILED… */
  events(signal: AbortSignal): AsyncIterable<MembershipEvent>
  /**
   * Joins again, after `rebalance` or `leave`, or because the member's metadata changed. `knowing` is the generation by which the caller
   * goes: when a later one has come, or comes first, its `assigned` has the say, since until it is read the metadata says nothing of it.
   */
  rejoin(reason: string, knowing?: number): void
  /** Leaves the group, with a `lost` event, until `rejoin`. */
  leave(reason: string): void
  /** Disposes, and goes on taking leave until `signal` aborts, or as long as disposal does. */
  close(signal?: AbortSignal): Promise<void>
  /** -1 while not in the group. */
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** How long disposal waits for the answer to a first join, which comes at once. */
const FIRST_JOIN_MS = 1_000
let members = 0

class Member implements Membership {
  readonly groupInstanceId: string | null
  private readonly cluster: Cluster
  private readonly options: MembershipOptions
  private readonly settings: OptionsOf<typeof membershipProperties>
  private readonly log: ClientLog
  private readonly requests: MemberRequests
  private readonly lane = `member ${++members}`
  private readonly queue = new EventQueue<MembershipEvent>()
  private readonly lifetime = new AbortController()
  /**
   * Of a first join: its answer names the member, for which the group then waits until its session is over. Who hangs up before could
   * not take leave.
   */
  private readonly introduction = new AbortController()
  private readonly asked = new Waker()
  private readonly wanted = Promise.withResolvers<void>()
  private readonly running: Promise<void>
  private state = firstState

  constructor(cluster: Cluster, props: ClientProps, options: MembershipOptions) {
    this.cluster = cluster
    this.options = options
    this.log = cluster.logs(options.protocolType === 'connect' ? WORKER_COORDINATOR : CONSUMER_COORDINATOR)
    this.settings = parseProperties(membershipProperties, props)
    this.groupInstanceId = this.settings['group.instance.id']
    this.requests = memberRequests(cluster, this.settings, options, this.lane)
    watchStalls(() => this.state.failing, options.stalled, this.lifetime.signal)
    this.running = this.wanted.promise.then(() => this.run())
  }

  get generation(): number {
    return generationOf(this.state)
  }
  get memberId(): string {
    return this.state.memberId
  }
  events(signal: AbortSignal): AsyncIterable<MembershipEvent> {
    this.wanted.resolve()
    return this.queue.read(signal)
  }
  rejoin(reason: string, knowing: number = Number.POSITIVE_INFINITY): void {
    this.move({ type: 'rejoin', reason, knowing })
    this.asked.wake()
  }
  leave(reason: string): void {
    this.move({ type: 'leave', reason })
    this.asked.wake()
  }

  /** One request after the other, each when it is due; what is asked for meanwhile is begun between them. */
  private async run(): Promise<void> {
    while (!this.closed && this.state.phase.type !== 'failed') {
      await this.pause(this.state)
      if (!this.closed) await this.carryOut(this.move({ type: 'idle' }))
    }
    const { phase } = this.state
    this.queue.end(phase.type === 'failed' && !this.closed ? phase.error : null)
  }
  private get closed(): boolean {
    return this.lifetime.signal.aborted
  }

  private move(event: MemberEvent): Phase {
    const { groupId } = this.options
    const settings = { groupId, sessionMs: this.settings['session.timeout.ms'] }
    const { state, told, coordinatorMoved } = next(this.state, event, Date.now(), settings)
    this.state = state
    if (coordinatorMoved) this.cluster.forgetCoordinator('group', groupId)
    for (const one of told) {
      if (one.type === 'rebalance') this.log.debug(`Group ${groupId} rebalances`)
      if (one.type === 'lost') this.log.debug(`No member of group ${groupId} any more: ${one.error.message}`)
      this.queue.push(one)
    }
    return state.phase
  }

  /** Until the next request is due. */
  private async pause({ phase, asked }: MemberState): Promise<void> {
    const { 'heartbeat.interval.ms': intervalMs, 'retry.backoff.ms': firstMs } = this.settings
    const { signal } = this.lifetime
    if (phase.type === 'joining')
      return delay(backoffMs(phase.failures, firstMs, this.settings['retry.backoff.max.ms']), signal)
    if (asked.leave !== null || asked.join !== null) return
    if (phase.type === 'outside') return this.asked.wait(Number.POSITIVE_INFINITY, signal)
    if (phase.type !== 'joined') return
    const backoff = backoffMs(phase.failures, firstMs, intervalMs)
    await this.asked.wait(phase.failures === 0 ? intervalMs : Math.min(intervalMs, backoff), signal)
  }

  private async carryOut(phase: Phase): Promise<void> {
    switch (phase.type) {
      case 'joining':
        return this.join(phase.reason)
      case 'joined':
        return this.beat(phase)
      case 'leaving':
        await this.sendLeave(phase.reason)
        this.move({ type: 'left' })
    }
  }

  /** One attempt. A coordinator that has only given a member id is to be asked again, with it. */
  private async join(reason: string): Promise<void> {
    const { groupId } = this.options
    const { memberId } = this.state
    const isFirst = memberId === '' && this.groupInstanceId === null
    const { signal } = isFirst ? this.introduction : this.lifetime
    this.log.debug(`Joining group ${groupId} as ${memberId || 'a new member'}: ${reason}`)
    try {
      const named = await this.requests.join(memberId, reason, signal)
      this.move({ type: 'named', memberId: named.memberId })
      if (named.joined !== null && !this.closed) await this.sync(named.joined)
    } catch (error) {
      if (this.closed) return
      const phase = this.move({ type: 'join-failed', error: error as KafkaError })
      if (phase.type === 'joining' && this.state.asked.leave === null)
        this.log.debug(`Joining group ${groupId} is tried again: ${(error as KafkaError).message}`)
    }
  }

  private async sync(joined: Joined): Promise<void> {
    const { groupId, assign, resume } = this.options
    const { generationId: generation, memberId, leader } = joined
    const protocol = joined.protocolName ?? ''
    const leading = leader === memberId
    const role = leading ? `leader of ${joined.members.length} member(s)` : `follower of ${leader}`
    this.log.debug(
      `Joined group ${groupId} in generation ${generation} as ${memberId}, ${role}, protocol ${protocol}`,
    )
    if (leading && joined.skipAssignment) await resume?.(joined.members)
    const shares =
      leading && !joined.skipAssignment
        ? await assign(protocol, joined.members, generation)
        : new Map<string, Uint8Array>()
    const assignment = await this.requests.sync(joined, shares, this.lifetime.signal)
    this.log.debug(`Group ${groupId} has its assignment of generation ${generation}`)
    this.move({
      type: 'synced',
      assigned: { type: 'assigned', generation, memberId, leader, protocol, assignment },
    })
  }

  private async beat({ generation, sessionEndsAt }: Phase & { type: 'joined' }): Promise<void> {
    // a coordinator that cannot be found or says nothing for a session counts as gone; who slept through the session asks once
    const leftMs = sessionEndsAt - Date.now()
    const ownMs = leftMs > 0 ? leftMs : this.settings['heartbeat.interval.ms']
    const ms = Math.min(this.settings['request.timeout.ms'], ownMs)
    const error = await this.requests.heartbeat(generation, this.memberId, ms, this.lifetime.signal)
    if (error === null || error.kafka === 'REBALANCE_IN_PROGRESS')
      this.move({ type: 'alive', rebalancing: error !== null })
    else if (!this.closed) {
      this.log.debug(error.message)
      this.move({ type: 'heartbeat-failed', error })
    }
  }

  /** A static member keeps its place until the session ends: its next life takes it up. */
  private async sendLeave(reason: string, signal?: AbortSignal): Promise<void> {
    const { memberId, groupInstanceId } = this
    if (memberId === '' || groupInstanceId !== null) return
    this.log.debug(`Leaving group ${this.options.groupId} as ${memberId}: ${reason}`)
    await leave(this.cluster, this.options.groupId, memberId, reason, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
  async close(signal?: AbortSignal): Promise<void> {
    if (this.closed) return this.running
    const closed = new KafkaError('CLOSED', 'The membership was closed')
    this.lifetime.abort(closed)
    this.wanted.resolve()
    const timer = setTimeout(() => this.introduction.abort(closed), FIRST_JOIN_MS)
    await this.running
    clearTimeout(timer)
    this.move({ type: 'closed' })
    await this.sendLeave('the member was closed', signal)
    this.cluster.leave(this.lane)
  }
}

export function openMembership(cluster: Cluster, props: ClientProps, options: MembershipOptions): Membership {
  return new Member(cluster, props, options)
}
