import type { ResponseOf } from '@isthmus/protocol'
import { heartbeat, joinGroup, syncGroup } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../errors.ts'
import { type ClientLog, CONSUMER_COORDINATOR, WORKER_COORDINATOR } from '../log.ts'
import { clientProperties } from '../properties/client.ts'
import { type ClientProps, int, nonEmpty, parseProperties } from '../properties/types.ts'
import { failingOn, type Waiting, watchStalls } from '../stall.ts'
import { backoffMs, delay } from '../waiting.ts'
import { takeLeave } from './departure.ts'
import { EventQueue } from './event-queue.ts'
import type { MembershipOptions } from './options.ts'

export type { GroupMember, GroupProtocol, MembershipOptions } from './options.ts'

/**
 * A membership in a group of the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), for any `protocolType`: `connect`
 * for workers, `consumer` for sinks.
 */
export type MembershipEvent =
  /** The group is about to rebalance: give up what you hold, then `rejoin`. Heartbeats go on meanwhile. */
  | { readonly type: 'rebalance' }
  | {
      readonly type: 'assigned'
      readonly generation: number
      readonly memberId: string
      readonly leader: string
      readonly protocol: string
      readonly assignment: Buffer
    }
  /** Membership was lost (session timeout, fenced): what was held may be another's already. A new join follows. */
  | { readonly type: 'lost'; readonly error: Error }

/** Heartbeats run on their own timer, whatever the reader of `events` does. Disposal leaves the group (unless static). */
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

const membershipProperties = {
  ...clientProperties,
  'session.timeout.ms': int(45_000, { min: 1 }),
  'heartbeat.interval.ms': int(3_000, { min: 1 }),
  'group.instance.id': nonEmpty(null),
  /** Workers have this one, consumers the next. */
  'rebalance.timeout.ms': int(-1),
  'max.poll.interval.ms': int(300_000, { min: 1 }),
} as const

/** Beyond the rebalance timeout, until a join that is not answered counts as lost. */
const JOIN_GRACE_MS = 5_000
/** How long disposal waits for the answer to a first join, which comes at once. */
const FIRST_JOIN_MS = 1_000

/** Errors after which the member must join as a new one, and those that only need another attempt. */
const FORGOTTEN = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'])
const COORDINATOR_MOVED = new Set([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'DISCONNECTED',
  'TIMED_OUT',
])

type Joined = ResponseOf<typeof joinGroup>
let members = 0

class Member implements Membership {
  generation = -1
  memberId = ''
  readonly groupInstanceId: string | null
  private readonly cluster: Cluster
  private readonly options: MembershipOptions
  private readonly settings
  private readonly log: ClientLog
  private readonly queue = new EventQueue<MembershipEvent>()
  private readonly lifetime = new AbortController()
  /**
   * Of a first join: its answer names the member, for which the group then waits until its session is over. Who hangs up before could
   * not take leave.
   */
  private readonly introduction = new AbortController()
  /** A join holds up what is behind it on its connection, another member of the group for instance. */
  private readonly lane = `member ${++members}`
  private running: Promise<void> | null = null
  private rejoinReason: string | null = 'joining'
  private rejoinKnowing = Number.POSITIVE_INFINITY
  private leaveReason: string | null = null
  /** Something was assigned and neither lost since nor about to be announced as such. */
  private holding = false
  private interrupt: (() => void) | null = null
  private failing: Waiting | null = null

  constructor(cluster: Cluster, props: ClientProps, options: MembershipOptions) {
    this.cluster = cluster
    this.options = options
    this.log = cluster.logs(options.protocolType === 'connect' ? WORKER_COORDINATOR : CONSUMER_COORDINATOR)
    watchStalls(() => this.failing, options.stalled, this.lifetime.signal)
    this.settings = parseProperties(membershipProperties, props)
    this.groupInstanceId = this.settings['group.instance.id']
  }

  events(signal: AbortSignal): AsyncIterable<MembershipEvent> {
    this.running ??= this.run()
    return this.queue.read(signal)
  }
  rejoin(reason: string, knowing: number = Number.POSITIVE_INFINITY): void {
    if (knowing < this.generation) return
    this.rejoinReason = reason
    this.rejoinKnowing = knowing
    this.interrupt?.()
  }
  leave(reason: string): void {
    this.leaveReason = reason
    this.rejoinReason = null
    this.interrupt?.()
  }
  private get closed(): boolean {
    return this.lifetime.signal.aborted
  }

  private async run(): Promise<void> {
    try {
      while (!this.closed) {
        if (this.leaveReason !== null) await this.depart()
        else if (this.rejoinReason === null) await this.pause(2 ** 31 - 1)
        else if (await this.join()) await this.stay()
      }
      this.queue.end()
    } catch (error) {
      this.lose(error as KafkaError)
      this.queue.end(this.closed ? null : error)
    }
  }

  private lose(error: KafkaError): void {
    if (this.holding && !this.closed)
      this.log.debug(`No member of group ${this.options.groupId} any more: ${error.message}`)
    this.generation = -1
    if (this.holding && !this.closed) this.queue.push({ type: 'lost', error })
    this.holding = false
  }

  /** Joins, as often as it takes. False: interrupted by `leave` or disposal. Throws what is final. */
  private async join(): Promise<boolean> {
    for (let failures = 0; !this.closed; ) {
      const reason = this.rejoinReason
      if (reason === null) return false
      try {
        this.rejoinReason = null
        const joined = await this.joinOnce(reason)
        if (joined === null) this.rejoinReason = reason
        else {
          await this.sync(joined)
          return true
        }
      } catch (error) {
        if (this.closed || this.leaveReason !== null) return false
        this.rejoinReason ??= reason
        await this.recover(error as KafkaError, ++failures)
      }
    }
    return false
  }

  /** What to do about an error before the next attempt; throws it again when there is nothing. */
  private async recover(error: KafkaError, failures: number): Promise<void> {
    const { kafka } = error
    if (FORGOTTEN.has(kafka)) {
      if (kafka === 'UNKNOWN_MEMBER_ID') this.memberId = ''
      this.lose(error)
    } else if (COORDINATOR_MOVED.has(kafka)) this.cluster.forgetCoordinator('group', this.options.groupId)
    else if (kafka !== 'REBALANCE_IN_PROGRESS' && !error.retriable) throw error
    this.log.debug(`Joining group ${this.options.groupId} is tried again: ${error.message}`)
    if (kafka === 'REBALANCE_IN_PROGRESS') return
    this.failing = failingOn(this.failing, error)
    const { 'retry.backoff.ms': first, 'retry.backoff.max.ms': most } = this.settings
    await delay(backoffMs(failures, first, most), this.lifetime.signal)
  }

  private get coordinator() {
    return { to: 'coordinator', kind: 'group', key: this.options.groupId } as const
  }
  private get rebalanceTimeoutMs(): number {
    const own = this.settings['rebalance.timeout.ms']
    return own < 0 ? this.settings['max.poll.interval.ms'] : own
  }
  private get waiting() {
    const timeoutMs = this.rebalanceTimeoutMs + JOIN_GRACE_MS
    const isFirst = this.memberId === '' && this.groupInstanceId === null
    const { signal } = isFirst ? this.introduction : this.lifetime
    return { signal, timeoutMs, lane: this.lane }
  }

  /** null: the coordinator has given a member id, to come back with. */
  private async joinOnce(reason: string): Promise<Joined | null> {
    const { groupId, protocolType, protocols } = this.options
    const body = {
      groupId,
      sessionTimeoutMs: this.settings['session.timeout.ms'],
      rebalanceTimeoutMs: this.rebalanceTimeoutMs,
      memberId: this.memberId,
      groupInstanceId: this.groupInstanceId,
      protocolType,
      protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata()) })),
      reason: reason.slice(0, 255),
    }
    this.log.debug(`Joining group ${groupId} as ${this.memberId || 'a new member'}: ${reason}`)
    const joined = await this.cluster.request(joinGroup, body, this.coordinator, this.waiting)
    const error = joined.errorCode === 0 ? null : kafkaError(joined.errorCode, `Joining group ${groupId}`)
    if (error === null || error.kafka === 'MEMBER_ID_REQUIRED') this.memberId = joined.memberId
    if (error === null) return joined
    if (error.kafka === 'MEMBER_ID_REQUIRED') return null
    throw error
  }

  private async sync(joined: Joined): Promise<void> {
    const { groupId, protocolType, assign, resume } = this.options
    const protocol = joined.protocolName ?? ''
    const leading = joined.leader === joined.memberId
    const role = leading ? `leader of ${joined.members.length} member(s)` : `follower of ${joined.leader}`
    this.log.debug(
      `Joined group ${groupId} in generation ${joined.generationId} as ${joined.memberId}, ${role}, protocol ${protocol}`,
    )
    if (leading && joined.skipAssignment) await resume?.(joined.members)
    const shares =
      leading && !joined.skipAssignment
        ? await assign(protocol, joined.members, joined.generationId)
        : new Map<string, Uint8Array>()
    const body = {
      groupId,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupInstanceId: this.groupInstanceId,
      protocolType,
      protocolName: protocol,
      assignments: [...shares].map(([memberId, share]) => ({ memberId, assignment: Buffer.from(share) })),
    }
    const synced = await this.cluster.request(syncGroup, body, this.coordinator, this.waiting)
    if (synced.errorCode !== 0) throw kafkaError(synced.errorCode, `Syncing with group ${groupId}`)
    this.generation = joined.generationId
    this.log.debug(`Group ${groupId} has its assignment of generation ${this.generation}`)
    this.failing = null
    if (this.rejoinKnowing < this.generation) this.rejoinReason = null
    this.rejoinKnowing = Number.POSITIVE_INFINITY
    this.holding = true
    const { generationId: generation, memberId, leader } = joined
    this.queue.push({
      type: 'assigned',
      generation,
      memberId,
      leader,
      protocol,
      assignment: synced.assignment,
    })
  }

  /** Heartbeats until it is time to join again or the membership is lost. */
  private async stay(): Promise<void> {
    const { 'session.timeout.ms': sessionMs, 'heartbeat.interval.ms': intervalMs } = this.settings
    let alive = Date.now()
    let announced = false
    let wait = intervalMs
    for (let failures = 0; !this.closed; ) {
      if (this.rejoinReason === null && this.leaveReason === null) await this.pause(wait)
      if (this.closed || this.rejoinReason !== null || this.leaveReason !== null) return
      const error = await this.beat(alive + sessionMs)
      if (error === null || error.kafka === 'REBALANCE_IN_PROGRESS') {
        alive = Date.now()
        this.failing = null
        failures = 0
        wait = intervalMs
        if (error !== null && !announced) {
          this.log.debug(`Group ${this.options.groupId} rebalances`)
          this.queue.push({ type: 'rebalance' })
        }
        announced ||= error !== null
        continue
      }
      if (this.closed) return
      this.log.debug(error.message)
      this.failing = failingOn(this.failing, error)
      if (COORDINATOR_MOVED.has(error.kafka)) this.cluster.forgetCoordinator('group', this.options.groupId)
      else if (FORGOTTEN.has(error.kafka)) {
        if (error.kafka === 'UNKNOWN_MEMBER_ID') this.memberId = ''
        this.rejoinReason = error.message
        this.lose(error)
        return
      } else if (!error.retriable) throw error
      if (Date.now() - alive >= sessionMs) {
        const message = `No heartbeat of group ${this.options.groupId} was answered for session.timeout.ms=${sessionMs}: ${error.message}`
        this.rejoinReason = message
        this.lose(new KafkaError('TIMED_OUT', message, { cause: error }))
        return
      }
      wait = Math.min(intervalMs, backoffMs(++failures, this.settings['retry.backoff.ms'], intervalMs))
    }
  }

  /** `deadline`: the coordinator has counted this member as gone by then. */
  private async beat(deadline: number): Promise<KafkaError | null> {
    const { groupId } = this.options
    const { generation: generationId, memberId, groupInstanceId } = this
    const body = { groupId, generationId, memberId, groupInstanceId }
    // a coordinator that cannot be found or says nothing for a session counts as gone; who slept through the session asks once
    const leftMs = deadline - Date.now()
    const ownMs = leftMs > 0 ? leftMs : this.settings['heartbeat.interval.ms']
    const timeoutMs = Math.min(this.settings['request.timeout.ms'], ownMs)
    const late = AbortSignal.timeout(timeoutMs)
    const signal = AbortSignal.any([this.lifetime.signal, late])
    const doing = `Heartbeat of group ${groupId}`
    try {
      const answer = await this.cluster.request(heartbeat, body, this.coordinator, {
        signal,
        lane: this.lane,
      })
      return answer.errorCode === 0 ? null : kafkaError(answer.errorCode, doing)
    } catch (error) {
      if (!late.aborted) return error as KafkaError
      return new KafkaError('TIMED_OUT', `${doing} was not answered within ${timeoutMs} ms`, { cause: error })
    }
  }

  /** Until `rejoin`, `leave`, disposal, or `ms` have passed. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.interrupt = null
        resolve()
      }
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
      this.interrupt = done
    })
  }

  private async depart(): Promise<void> {
    const reason = this.leaveReason ?? 'closing'
    this.leaveReason = null
    this.lose(new KafkaError('CLOSED', `Left group ${this.options.groupId}: ${reason}`))
    await this.sendLeave(reason)
    this.memberId = ''
  }

  /** A static member keeps its place until the session ends: its next life takes it up. */
  private async sendLeave(reason: string, signal?: AbortSignal): Promise<void> {
    const { memberId, groupInstanceId } = this
    if (memberId === '' || groupInstanceId !== null) return
    this.log.debug(`Leaving group ${this.options.groupId} as ${memberId}: ${reason}`)
    await takeLeave(this.cluster, this.options.groupId, memberId, reason, signal)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
  async close(signal?: AbortSignal): Promise<void> {
    if (this.closed) return void (await this.running)
    const reason = new KafkaError('CLOSED', 'The membership was closed')
    this.lifetime.abort(reason)
    this.interrupt?.()
    const timer = setTimeout(() => this.introduction.abort(reason), FIRST_JOIN_MS)
    await this.running
    clearTimeout(timer)
    this.generation = -1
    this.queue.end()
    await this.sendLeave('the member was closed', signal)
    this.cluster.leave(this.lane)
  }
}

export function openMembership(cluster: Cluster, props: ClientProps, options: MembershipOptions): Membership {
  return new Member(cluster, props, options)
}
