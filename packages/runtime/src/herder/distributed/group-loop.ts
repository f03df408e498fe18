import type { Membership, MembershipEvent, MembershipOptions } from '@isthmus/kafka'
import {
  ASSIGNED,
  type ConnectProtocol,
  decodeAssignment,
  encodeMetadata,
  PROTOCOL_TYPE,
  protocolNames,
} from '../../group/protocol.ts'
import { countsOf, isNoWork, NO_WORK } from '../../group/work.ts'
import type { Logger } from '../../log/log.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import type { ConfigStore, StatusStore } from '../../store/stores.ts'
import { messageOf } from '../../text/trace.ts'
import { type Activity, openActivity } from '../activity.ts'
import type { Share } from '../reconcile/plan.ts'
import type { Reconciler } from '../reconcile/reconcile.ts'
import { restartsBetween } from '../reconcile/restarts.ts'
import type { Leader } from './leader.ts'
import {
  fellBack,
  leads,
  openComparison,
  type Placement,
  placementAfter,
  sameWork,
  shareOf,
} from './placement.ts'
import { openWaiters, wait } from './waiters.ts'

export interface GroupLoopParts {
  readonly groupId: string
  readonly url: string
  readonly protocol: ConnectProtocol
  readonly openMembership: (options: MembershipOptions) => Membership
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly leader: Leader
  readonly maxDelayMs: number
  /** `worker.sync.timeout.ms` and `rebalance.timeout.ms` */
  readonly syncTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly log: Logger
  readonly now?: () => number
}

/**
 * A worker's part in its group: it joins and joins again, agrees with the others on the configuration that an assignment is of, and
 * tells the reconciler what is its share. Nothing is started before that agreement, and nothing is kept through a join that another
 * may be given.
 */
export interface GroupLoop extends AsyncDisposable {
  /** The reconciler follows `share`; it is opened after the loop and given here, which begins to join. */
  begin(reconciler: Pick<Reconciler, 'kick' | 'released' | 'restart' | 'affected'>): void
  share(): Share
  generation(): number
  /** Null before the first round, and while this worker is not a member. */
  placement(): Placement | null
  /** Settles when a round is over and none is due; rejects with the reason of `signal`. */
  steady(signal: AbortSignal): Promise<void>
  /** Joins no more and follows nothing; heartbeats go on until disposal, which leaves the group. */
  halt(): Promise<void>
  /** Rejects when the group cannot be joined at all. */
  readonly failed: Promise<never>
  readonly activity: Activity
}

const RETRY_MS = 250
/** Changes that come one after the other make the group meet once: when none has come for the first time, or after the second. */
const QUIET_MS = 50
const LONGEST_MS = 500
const FLUSH_MS = 2000

export function openGroupLoop(parts: GroupLoopParts): GroupLoop {
  const { configs, statuses, leader, url, maxDelayMs, log, now = Date.now } = parts
  let reconciler: Parameters<GroupLoop['begin']>[0] | null = null
  /** What this worker was given; told to the group when it joins again. */
  let placement: Placement | null = null
  /** It is a member, and may run what it was given. */
  let present = false
  /** The snapshot that the whole group goes by; null while that is open. */
  let agreed: ClusterSnapshot | null = null
  /** A round is under way, or due. */
  let joining = true
  /** Of the last join that was asked for. */
  let joined: (generation: number) => void = () => {}
  let lostAtMs: number | null = null
  let scheduledMs: number | null = null
  let retryMs: number | null = null
  let placedAtMs = 0
  /** When the group is to meet over what has changed, and since when there is something. */
  let meetMs: number | null = null
  let changedSinceMs: number | null = null
  let seen = configs.snapshot()
  /** The offset at which what there is to run was last seen to change. */
  let changedAt = seen.offset

  const inbox: MembershipEvent[] = []
  const life = new AbortController()
  let wake = Promise.withResolvers<void>()
  const poke = () => wake.resolve()
  const stillAgreed = openComparison(sameWork)
  const isAgreed = () => agreed !== null && stillAgreed(agreed, configs.snapshot())
  const steadiness = openWaiters(() => !joining && isAgreed())
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const activity = openActivity(now)

  const membership = parts.openMembership({
    groupId: parts.groupId,
    protocolType: PROTOCOL_TYPE,
    protocols: protocolNames(parts.protocol).map((name, rank) => ({
      name,
      metadata: () => {
        forgetOldClaim()
        joined = statuses.joining()
        const allocation = placement?.assignment ?? null
        const { offset } = configs.snapshot()
        if (rank === 0)
          log.debug(
            `Joins with config offset ${offset}, claiming ${countsOf(allocation?.assigned ?? NO_WORK)}`,
          )
        return encodeMetadata(name, { url, offset, allocation })
      },
    })),
    assign: (protocol, members, generation) =>
      leader.assign({ protocol, members, generation, memberId: membership.memberId }),
  })

  /**
   * Who was out for longer than the delay for lost work may find its work with others: it claims nothing. Before that nobody has been
   * given it, and the claim spares the group the wait.
   */
  const forgetOldClaim = () => {
    if (lostAtMs === null || now() - lostAtMs < maxDelayMs) return
    if (placement !== null)
      log.info('What this worker ran may be assigned to others by now: it joins without it')
    placement = null
  }

  const released = async () => {
    reconciler?.kick()
    await activity.during('stopping what is not to run here any more', async () => reconciler?.released())
    // others write the next statuses of what was given up: ours come first
    const over = new AbortController()
    await Promise.race([statuses.flush().catch(() => {}), wait(FLUSH_MS, over.signal)])
    over.abort()
  }

  /** Nothing is to run here until the group is joined again. */
  const letGoOfAll = async () => {
    joining = true
    present = false
    agreed = null
    scheduledMs = null
    await released()
  }

  const rejoin = async (reason: string): Promise<void> => {
    joining = true
    log.info(`Joining the group again: ${reason}`)
    if (placement?.protocol === 'eager') present = false
    await released()
    membership.rejoin(reason, placement?.generation ?? -1)
  }

  const meetSoon = () => {
    changedSinceMs ??= now()
    meetMs = Math.min(now() + QUIET_MS, changedSinceMs + LONGEST_MS)
  }

  /** What the configuration demands of this worker since it last looked. */
  const observe = () => {
    const after = configs.snapshot()
    if (after === seen) return
    for (const request of restartsBetween(seen, after)) {
      const here = reconciler?.affected(request) ?? []
      const mine = here.filter((key) => present && placement?.keys.has(key))
      if (mine.length > 0) log.info(`Restarting ${mine.length} instance(s) of connector ${request.connector}`)
      for (const key of mine) reconciler?.restart(key, 'RESTARTING')
    }
    if (!sameWork(seen, after)) {
      changedAt = after.offset
      log.debug(`Connectors or tasks have changed, at config offset ${after.offset}`)
      meetSoon()
    }
    seen = after
    reconciler?.kick()
  }

  const refresh = async (): Promise<boolean> => {
    try {
      await activity.during('reading to the end of the config topic', () =>
        configs.refresh(parts.syncTimeoutMs),
      )
      observe()
      return true
    } catch (error) {
      log.warn(`The config topic could not be read to its end: ${messageOf(error)}`)
      return false
    }
  }

  /** What the worker was given is not the last word any more. */
  const outdated = () => inbox.some(({ type }) => type !== 'rebalance')

  /** Makes the last round's assignment the one this worker goes by, if the configuration it is of can be had. */
  const agree = async (): Promise<void> => {
    retryMs = null
    observe()
    const mine = placement
    if (mine === null || outdated()) return
    const { assignment } = mine
    if (assignment.error !== ASSIGNED || seen.offset < assignment.offset) {
      log.debug(`The assignment is of config offset ${assignment.offset}; read so far: ${seen.offset}`)
      const upToDate = await refresh()
      if (outdated()) return
      if (!upToDate) return await keepTrying()
      if (assignment.error !== ASSIGNED)
        return await rejoin('the leader had not read the whole configuration')
    }
    if (seen.offset < assignment.offset) return await keepTrying()
    // what came after the assignment's offset must not be about what there is to run
    if (changedAt > assignment.offset && seen.offset !== assignment.offset) return meetSoon()
    agreed = seen
    lostAtMs = null
    log.info(
      `Goes by generation ${mine.generation}: ${countsOf(assignment.assigned)}, config offset ${assignment.offset}, leader ${assignment.leaderUrl}`,
    )
    reconciler?.kick()
  }

  /** A worker that cannot read the configuration stays for a while: what it runs goes on, and what it was given waits. */
  const keepTrying = async () => {
    if (now() - placedAtMs > parts.rebalanceTimeoutMs) {
      log.warn('Leaving the group: the config topic could not be read for rebalance.timeout.ms')
      await letGoOfAll()
      membership.leave('taking too long to read the log')
      placedAtMs = now()
    }
    retryMs = now() + RETRY_MS
  }

  const assigned = async (event: MembershipEvent & { type: 'assigned' }) => {
    const assignment = decodeAssignment(event.assignment)
    const before = placement
    placement = placementAfter(before, { ...event, assignment })
    placedAtMs = now()
    present = true
    agreed = null
    joining = false
    const role = leads(placement) ? 'leader' : `follower of ${assignment.leaderUrl}`
    log.debug(
      `Assigned in generation ${event.generation} as ${role}: ${countsOf(assignment.assigned)}; to give up: ${countsOf(assignment.revoked)}`,
    )
    scheduledMs = assignment.delayMs > 0 ? now() + assignment.delayMs : null
    if (assignment.delayMs > 0)
      log.info(`The work of workers that left waits ${assignment.delayMs} ms for their return`)
    if (before !== null && fellBack(before, placement))
      return await rejoin('the group has fallen back to the eager protocol')
    await released()
    await agree()
    if (agreed !== null && leads(placement) && leader.halfway())
      return await rejoin('everybody is to let go of everything')
    // what was taken from some is given to others in another round
    if (agreed !== null && !isNoWork(assignment.revoked)) await rejoin('revoked work is to be assigned')
  }

  const onEvent = async (event: MembershipEvent): Promise<void> => {
    switch (event.type) {
      case 'rebalance':
        // one that was asked for here comes anyway
        return joining ? undefined : await rejoin('the group rebalances')
      case 'assigned':
        return await assigned(event)
      case 'lost':
        log.warn(
          `Membership was lost; connectors and tasks stop until the group is joined again: ${event.error.message}`,
        )
        lostAtMs ??= now()
        return await letGoOfAll()
      default:
        return event satisfies never
    }
  }

  /** One step of whatever is due; false when nothing is. */
  const step = async (): Promise<boolean> => {
    const event = inbox.shift()
    if (event !== undefined) {
      await onEvent(event)
      return true
    }
    observe()
    if (retryMs !== null && now() >= retryMs) {
      if (present) await agree()
      else await returnWhenReadable()
      return true
    }
    if (joining || placement === null) return false
    if (meetMs !== null && now() >= meetMs) {
      meetMs = null
      changedSinceMs = null
      if (!isAgreed()) {
        await rejoin('connectors or tasks have changed')
        return true
      }
    }
    if (scheduledMs !== null && now() >= scheduledMs) {
      scheduledMs = null
      await rejoin('the wait for workers that left is over')
      return true
    }
    if (agreed !== null && leads(placement)) leader.tend(placement, seen)
    return false
  }
  /** After leaving. */
  const returnWhenReadable = async () => {
    retryMs = null
    if (await refresh()) membership.rejoin('the config topic can be read again')
    else retryMs = now() + RETRY_MS
  }

  const run = async () => {
    while (!life.signal.aborted) {
      wake = Promise.withResolvers()
      if (inbox.length === 0) activity.set(joining ? 'ensuring membership in the cluster' : null)
      if (await step()) continue
      steadiness.look()
      const keyDue = agreed !== null && placement !== null && leads(placement) ? leader.dueMs(seen) : null
      const due = [scheduledMs, retryMs, keyDue, joining ? null : meetMs].filter((at) => at !== null)
      const timer = due.length === 0 ? null : setTimeout(poke, Math.max(1, Math.min(...due) - now()))
      await wake.promise
      if (timer !== null) clearTimeout(timer)
    }
  }

  const listen = async () => {
    for await (const event of membership.events(life.signal)) {
      if (event.type === 'assigned') {
        joined(event.generation)
        leader.completed(event.generation)
      }
      inbox.push(event)
      poke()
    }
  }
  const follow = async () => {
    for await (const _ of configs.changes(life.signal)) {
      // what is to give way does so also while the loop waits for something else to stop
      reconciler?.kick()
      poke()
    }
  }
  let running: Promise<unknown> = Promise.resolve()
  const halt = async () => {
    life.abort()
    poke()
    await running
  }

  return {
    begin(given) {
      reconciler = given
      const fail = (error: unknown) => {
        if (!life.signal.aborted) failure.reject(error)
      }
      running = Promise.all([run().catch(fail), listen().catch(fail), follow().catch(fail)])
    },
    share: () => shareOf(present ? placement : null, isAgreed()),
    generation: () => placement?.generation ?? -1,
    placement: () => (present ? placement : null),
    steady: (signal) => steadiness.wait(AbortSignal.any([signal, life.signal])),
    failed: failure.promise,
    activity,
    halt,
    async [Symbol.asyncDispose]() {
      await halt()
      await membership[Symbol.asyncDispose]()
    },
  }
}
