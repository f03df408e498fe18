import { ASSIGNED } from '../../group/protocol.ts'
import { countsOf, isNoWork } from '../../group/work.ts'
import type { RestartRequest } from '../../state/restart-request.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import { restartsBetween } from '../reconcile/restarts.ts'
import {
  type GroupLimits,
  type GroupState,
  isPlaced,
  lastPlacement,
  type Phase,
  type Placed,
  type Reading,
} from './phase.ts'
import { fellBack, leads, type Outcome, placementAfter, sameWork } from './placement.ts'

export type GroupEvent =
  /** The config topic has been read further. */
  | { readonly type: 'config'; readonly snapshot: ClusterSnapshot }
  | { readonly type: 'rebalance' }
  /** `halfway`: when this worker leads, what it has assigned is only the first half of what the group has to do. */
  | { readonly type: 'assigned'; readonly outcome: Outcome; readonly halfway: boolean }
  | { readonly type: 'lost'; readonly reason: string }
  /** The outcome of a `read`. */
  | { readonly type: 'read'; readonly upToDate: boolean }
  /** Some time has passed. */
  | { readonly type: 'time' }

/** What the loop is to do, one after the other. */
export type GroupAction =
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn'; readonly message: string }
  /** Has the reconciler look at what is to run. */
  | { readonly type: 'reconcile' }
  | { readonly type: 'restart'; readonly requests: readonly RestartRequest[] }
  /** Waits until what is not to run here any more has stopped, and its last statuses are written. */
  | { readonly type: 'release' }
  /** To the end of the config topic; a `read` follows, unless an assignment or a loss has come meanwhile. */
  | { readonly type: 'read' }
  /** `knowing` is the generation by which the worker goes. */
  | { readonly type: 'rejoin'; readonly reason: string; readonly knowing?: number }
  | { readonly type: 'leave'; readonly reason: string }

export interface Decision {
  readonly state: GroupState
  readonly actions: readonly GroupAction[]
}

const RETRY_MS = 250
/** Changes that come one after the other make the group meet once: when none has come for the first time, or after the second. */
const QUIET_MS = 50
const LONGEST_MS = 500

/** What a worker does about something that happens. */
export function next(state: GroupState, event: GroupEvent, now: number, limits: GroupLimits): Decision {
  const { phase } = state
  switch (event.type) {
    case 'config':
      return observed(state, event.snapshot, now)
    case 'rebalance':
      // a round that this worker has asked for comes anyway
      return isPlaced(phase) ? rejoin(state, phase, 'the group rebalances') : { state, actions: [] }
    case 'assigned':
      // what was given to a worker that has left is given to another
      return phase.type === 'left' ? { state, actions: [] } : assigned(state, event, now)
    case 'lost':
      return lost(state, event.reason, now)
    case 'read':
      if (phase.type === 'reading') return afterReading(state, phase, event.upToDate, now, limits)
      return phase.type === 'left' ? returning(state, phase, event.upToDate, now) : { state, actions: [] }
    case 'time':
      return whatIsDue(state, now)
    default:
      return event satisfies never
  }
}

const told = (level: 'debug' | 'info' | 'warn', message: string): GroupAction => ({
  type: 'log',
  level,
  message,
})
const RECONCILE: GroupAction = { type: 'reconcile' }
const RELEASE: GroupAction = { type: 'release' }
const READ: GroupAction = { type: 'read' }

function observed(state: GroupState, seen: ClusterSnapshot, now: number): Decision {
  if (seen === state.seen) return { state, actions: [] }
  const requests = restartsBetween(state.seen, seen)
  const restart: readonly GroupAction[] = requests.length > 0 ? [{ type: 'restart', requests }] : []
  if (sameWork(state.seen, seen)) return { state: { ...state, seen }, actions: [...restart, RECONCILE] }
  return {
    state: meetSoon({ ...state, seen, changedAt: seen.offset }, now),
    actions: [
      ...restart,
      told('debug', `Connectors or tasks have changed, at config offset ${seen.offset}`),
      RECONCILE,
    ],
  }
}

function meetSoon(state: GroupState, now: number): GroupState {
  const sinceMs = state.deadlines.meet?.sinceMs ?? now
  const meet = { atMs: Math.min(now + QUIET_MS, sinceMs + LONGEST_MS), sinceMs }
  return { ...state, deadlines: { ...state.deadlines, meet } }
}

/** Joins again, when what is not to be kept through that has stopped. */
function rejoin(state: GroupState, phase: Placed, reason: string): Decision {
  const { placement } = phase
  const agreed = agreement(state, phase)
  const lostMs = phase.type === 'reading' && agreed === null ? phase.lostMs : null
  return {
    state: {
      ...state,
      phase:
        placement.protocol === 'eager'
          ? { type: 'joining', claim: placement, lostMs }
          : { type: 'rejoining', placement, agreed, lostMs },
      deadlines: { ...state.deadlines, retryMs: null, rebalanceMs: null },
    },
    actions: [
      told('info', `Joining the group again: ${reason}`),
      RELEASE,
      { type: 'rejoin', reason, knowing: placement.generation },
    ],
  }
}

function assigned(state: GroupState, event: GroupEvent & { type: 'assigned' }, now: number): Decision {
  const { outcome, halfway } = event
  const { assignment, generation } = outcome
  const before = lastPlacement(state.phase)
  const placement = placementAfter(before, outcome)
  const { delayMs, revoked } = assignment
  const phase: Reading = {
    type: 'reading',
    placement,
    lostMs: state.phase.type === 'working' ? null : state.phase.lostMs,
    assignedMs: now,
    followUp:
      halfway && leads(placement)
        ? 'everybody is to let go of everything'
        : // what was taken from some is given to others in another round
          isNoWork(revoked)
          ? null
          : 'revoked work is to be assigned',
  }
  const role = leads(placement) ? 'leader' : `follower of ${assignment.leaderUrl}`
  const lines = [
    told(
      'debug',
      `Assigned in generation ${generation} as ${role}: ${countsOf(assignment.assigned)}; to give up: ${countsOf(revoked)}`,
    ),
    ...(delayMs > 0
      ? [told('info', `The work of workers that left waits ${delayMs} ms for their return`)]
      : []),
  ]
  const rebalanceMs = delayMs > 0 ? now + delayMs : null
  const after = { ...state, phase, deadlines: { ...state.deadlines, rebalanceMs, retryMs: now } }
  if (before === null || !fellBack(before, placement)) return { state: after, actions: [...lines, RELEASE] }
  return following(lines, rejoin(after, phase, 'the group has fallen back to the eager protocol'))
}

function lost(state: GroupState, reason: string, now: number): Decision {
  const { phase } = state
  const since = phase.type === 'working' ? null : phase.lostMs
  return {
    state: {
      ...state,
      phase: {
        type: phase.type === 'left' ? 'left' : 'joining',
        claim: lastPlacement(phase),
        lostMs: since ?? now,
      },
      deadlines: { ...state.deadlines, rebalanceMs: null },
    },
    actions: [
      told(
        'warn',
        `Membership was lost; connectors and tasks stop until the group is joined again: ${reason}`,
      ),
      RELEASE,
    ],
  }
}

/** The snapshot that the group goes by, as far as this worker has read it: what came after the assignment's offset is about nothing that is to run. */
function agreement({ seen, changedAt }: GroupState, phase: Placed): ClusterSnapshot | null {
  if (phase.type === 'working') return phase.agreed
  const { error, offset } = phase.placement.assignment
  if (error !== ASSIGNED || seen.offset < offset) return null
  return changedAt <= offset || seen.offset === offset ? seen : null
}

/** Makes the last round's assignment the one this worker goes by, if the configuration it is of can be had. */
function agree(state: GroupState, phase: Reading, now: number): Decision {
  const { placement, followUp } = phase
  const { assignment, generation } = placement
  const agreed = agreement(state, phase)
  if (agreed === null) return { state: meetSoon(state, now), actions: [] }
  const working = { type: 'working', placement, agreed } as const
  const lines = [
    told(
      'info',
      `Goes by generation ${generation}: ${countsOf(assignment.assigned)}, config offset ${assignment.offset}, leader ${assignment.leaderUrl}`,
    ),
    RECONCILE,
  ]
  const after = { ...state, phase: working }
  if (followUp === null) return { state: after, actions: lines }
  return following(lines, rejoin(after, working, followUp))
}

function afterReading(
  state: GroupState,
  phase: Reading,
  upToDate: boolean,
  now: number,
  { rebalanceTimeoutMs }: GroupLimits,
): Decision {
  const { error, offset } = phase.placement.assignment
  if (upToDate && error !== ASSIGNED)
    return rejoin(state, phase, 'the leader had not read the whole configuration')
  if (upToDate && state.seen.offset >= offset) return agree(state, phase, now)
  if (now - phase.assignedMs <= rebalanceTimeoutMs) return { state: retrying(state, now), actions: [] }
  // who cannot read the configuration stays for a while: what it runs goes on, and what it was given waits
  const left: Phase = { type: 'left', claim: phase.placement, lostMs: phase.lostMs }
  const deadlines = { ...state.deadlines, rebalanceMs: null }
  return {
    state: retrying({ ...state, phase: left, deadlines }, now),
    actions: [
      told('warn', 'Leaving the group: the config topic could not be read for rebalance.timeout.ms'),
      RELEASE,
      { type: 'leave', reason: 'taking too long to read the log' },
    ],
  }
}

function returning(
  state: GroupState,
  phase: Phase & { type: 'left' },
  readable: boolean,
  now: number,
): Decision {
  if (!readable) return { state: retrying(state, now), actions: [] }
  return {
    state: { ...state, phase: { ...phase, type: 'joining' } },
    actions: [{ type: 'rejoin', reason: 'the config topic can be read again' }],
  }
}

const retrying = (state: GroupState, now: number): GroupState => ({
  ...state,
  deadlines: { ...state.deadlines, retryMs: now + RETRY_MS },
})

function whatIsDue(state: GroupState, now: number): Decision {
  const { phase, deadlines, seen } = state
  const isDue = (at: number | null | undefined): boolean => at != null && now >= at
  if (phase.type === 'left' && isDue(deadlines.retryMs))
    return { state: { ...state, deadlines: { ...deadlines, retryMs: null } }, actions: [READ] }
  if (!isPlaced(phase)) return { state, actions: [] }
  if (phase.type === 'reading' && isDue(deadlines.retryMs)) {
    const tried = { ...state, deadlines: { ...deadlines, retryMs: null } }
    const { error, offset } = phase.placement.assignment
    if (error === ASSIGNED && seen.offset >= offset) return agree(tried, phase, now)
    const line = `The assignment is of config offset ${offset}; read so far: ${seen.offset}`
    return { state: tried, actions: [told('debug', line), READ] }
  }
  if (isDue(deadlines.meet?.atMs)) {
    const met = { ...state, deadlines: { ...deadlines, meet: null } }
    const same = phase.type === 'working' && sameWork(phase.agreed, seen)
    return same ? { state: met, actions: [] } : rejoin(met, phase, 'connectors or tasks have changed')
  }
  if (isDue(deadlines.rebalanceMs)) return rejoin(state, phase, 'the wait for workers that left is over')
  return { state, actions: [] }
}

const following = (first: readonly GroupAction[], { state, actions }: Decision): Decision => ({
  state,
  actions: [...first, ...actions],
})
