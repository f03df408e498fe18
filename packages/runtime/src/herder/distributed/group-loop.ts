import type { MembershipEvent } from '@isthmus/kafka'
import { decodeAssignment } from '../../group/protocol.ts'
import type { RestartRequest } from '../../state/restart-request.ts'
import { messageOf } from '../../text/trace.ts'
import { atMost } from '../../waiting.ts'
import { type Activity, openActivity } from '../activity.ts'
import type { GroupCore } from '../core.ts'
import type { Reconciler } from '../reconcile/reconcile.ts'
import type { Leader } from './leader.ts'
import { type GroupAction, type GroupEvent, next } from './next.ts'
import { dueMs, isJoining, limitsIn } from './phase.ts'
import { leads } from './placement.ts'
import type { Standing } from './standing.ts'
import { openWaiters } from './waiters.ts'
import type { WorkerMembership } from './worker-membership.ts'

export interface GroupLoopParts {
  readonly membership: WorkerMembership
  readonly standing: Standing
  readonly leader: Leader
  readonly reconciler: Pick<Reconciler, 'kick' | 'released' | 'restart' | 'affected'>
}

/**
 * A worker's part in its group: it joins and joins again, agrees with the others on the configuration that an assignment is of, and
 * has the reconciler make that its share. Nothing is started before that agreement, and nothing is kept through a join that another
 * may be given. What to do is decided by `next`; here it is done. Disposal joins no more and follows nothing; heartbeats go on.
 */
export interface GroupLoop extends AsyncDisposable {
  /** Settles when a round is over and none is due; rejects with the reason of `signal`. */
  steady(signal: AbortSignal): Promise<void>
  /** Rejects when the group cannot be joined at all. */
  readonly failed: Promise<never>
  readonly activity: Activity
}

const FLUSH_MS = 2000

export function openGroupLoop(core: GroupCore, parts: GroupLoopParts): GroupLoop {
  const { config, log, now } = core
  const { configs, statuses } = core.stores
  const { membership, standing, leader, reconciler } = parts
  const limits = limitsIn(config)
  const inbox: MembershipEvent[] = []
  const life = new AbortController()
  let wake = Promise.withResolvers<void>()
  const poke = () => wake.resolve()
  const steadiness = openWaiters(standing.isSteady)
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {})
  const activity = openActivity(now)

  /** False when there is nothing to do about it. */
  const take = async (event: GroupEvent): Promise<boolean> => {
    const before = standing.state()
    const { state, actions } = next(before, event, now(), limits)
    standing.become(state)
    for (const action of actions) await act(action)
    return state !== before || actions.length > 0
  }
  const act = async (action: GroupAction): Promise<void> => {
    switch (action.type) {
      case 'log':
        return log[action.level](action.message)
      case 'reconcile':
        return reconciler.kick()
      case 'restart':
        return action.requests.forEach(restart)
      case 'release':
        return await release()
      case 'read':
        return await read()
      case 'rejoin':
        return membership.rejoin(action.reason, action.knowing)
      case 'leave':
        return membership.leave(action.reason)
      default:
        return action satisfies never
    }
  }

  const restart = (request: RestartRequest) => {
    const mine = reconciler.affected(request).filter((key) => standing.placement()?.keys.has(key))
    if (mine.length > 0) log.info(`Restarting ${mine.length} instance(s) of connector ${request.connector}`)
    for (const key of mine) reconciler.restart(key, 'RESTARTING')
  }
  const release = async () => {
    reconciler.kick()
    await activity.during('stopping what is not to run here any more', () => reconciler.released())
    // others write the next statuses of what was given up: ours come first
    await atMost(
      statuses.flush().catch(() => {}),
      FLUSH_MS,
    )
  }
  const look = () => take({ type: 'config', snapshot: configs.snapshot() })
  const read = async () => {
    let upToDate = true
    try {
      await activity.during('reading to the end of the config topic', () =>
        configs.refresh(config['worker.sync.timeout.ms']),
      )
    } catch (error) {
      upToDate = false
      log.warn(`The config topic could not be read to its end: ${messageOf(error)}`)
    }
    await look()
    // what the worker was given may not be the last word any more
    if (inbox.every(({ type }) => type === 'rebalance')) await take({ type: 'read', upToDate })
  }
  const received = (event: MembershipEvent): GroupEvent => {
    switch (event.type) {
      case 'assigned': {
        const outcome = { ...event, assignment: decodeAssignment(event.assignment) }
        return { type: 'assigned', outcome, halfway: leader.halfway() }
      }
      case 'lost':
        return { type: 'lost', reason: event.error.message }
      case 'rebalance':
        return event
      default:
        return event satisfies never
    }
  }

  /** Does one thing of whatever is due; false when nothing is. */
  const proceed = async (): Promise<boolean> => {
    const event = inbox.shift()
    if (event !== undefined) {
      await take(received(event))
      return true
    }
    await look()
    return inbox.length > 0 || (await take({ type: 'time' }))
  }
  const run = async () => {
    while (!life.signal.aborted) {
      wake = Promise.withResolvers()
      if (inbox.length === 0)
        activity.set(isJoining(standing.state().phase) ? 'ensuring membership in the cluster' : null)
      if (await proceed()) continue
      steadiness.look()
      const waitMs = Math.min(dueMs(standing.state()), tend()) - now()
      const timer = waitMs === Number.POSITIVE_INFINITY ? null : setTimeout(poke, Math.max(1, waitMs))
      await wake.promise
      if (timer !== null) clearTimeout(timer)
    }
  }
  /** The duties of a leader; answers when the next of them is due. */
  const tend = (): number => {
    const { phase, seen } = standing.state()
    if (phase.type !== 'working' || !leads(phase.placement)) return Number.POSITIVE_INFINITY
    leader.tend(phase.placement, seen)
    return leader.dueMs(seen) ?? Number.POSITIVE_INFINITY
  }
  const listen = async () => {
    for await (const event of membership.events(life.signal)) {
      inbox.push(event)
      poke()
    }
  }
  const follow = async () => {
    for await (const _ of configs.changes(life.signal)) {
      // what is to give way does so also while the loop waits for something else to stop
      reconciler.kick()
      poke()
    }
  }
  const fail = (error: unknown) => {
    if (!life.signal.aborted) failure.reject(error)
  }
  const running = Promise.all([run().catch(fail), listen().catch(fail), follow().catch(fail)])

  return {
    steady: (signal) => steadiness.wait(AbortSignal.any([signal, life.signal])),
    failed: failure.promise,
    activity,
    async [Symbol.asyncDispose]() {
      life.abort()
      poke()
      await running
    },
  }
}
