import type { DistributedConfig } from '../../config/distributed.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import type { Placement } from './placement.ts'

/** Where a worker stands in its group. What it may run follows from this alone. */
export type Phase =
  /**
   * It runs nothing and waits for its assignment. `claim` is what it ran before, which it tells the group as it joins; `lostMs` is since
   * when nobody has confirmed that.
   */
  | { readonly type: 'joining'; readonly claim: Placement | null; readonly lostMs: number | null }
  /** It has left the group, since the config topic cannot be read, runs nothing, and joins again when it can. */
  | { readonly type: 'left'; readonly claim: Placement | null; readonly lostMs: number | null }
  /** It was assigned connectors and tasks: what ran of them goes on, and nothing starts before the configuration that they are of is read. */
  | {
      readonly type: 'reading'
      readonly placement: Placement
      readonly lostMs: number | null
      readonly assignedMs: number
      /** Why the group has to meet again as soon as this worker goes by the assignment; null when it does not. */
      readonly followUp: string | null
    }
  /** It goes by its assignment, and by the snapshot that the whole group goes by. */
  | { readonly type: 'working'; readonly placement: Placement; readonly agreed: ClusterSnapshot }
  /** It has asked to join again, by a protocol in which what it runs goes on meanwhile. */
  | {
      readonly type: 'rejoining'
      readonly placement: Placement
      readonly agreed: ClusterSnapshot | null
      readonly lostMs: number | null
    }

/** When there is something to do though nothing happens; null: there is not. */
export interface Deadlines {
  /** While reading, or left: the config topic is to be read again. */
  readonly retryMs: number | null
  /** The wait for workers that have left is over. */
  readonly rebalanceMs: number | null
  /** The group is to meet over connectors or tasks that have changed, the first of them at `sinceMs`. */
  readonly meet: { readonly atMs: number; readonly sinceMs: number } | null
}

export interface GroupState {
  readonly phase: Phase
  readonly deadlines: Deadlines
  /** The configuration as it was last looked at. */
  readonly seen: ClusterSnapshot
  /** The config offset at which connectors or tasks were last seen to change. */
  readonly changedAt: number
}

export type Reading = Phase & { readonly type: 'reading' }
export type Placed = Reading | (Phase & { readonly type: 'working' })
/** It is a member and has its assignment, and no other is due. */
export const isPlaced = (phase: Phase): phase is Placed => !isJoining(phase)

export interface GroupLimits {
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number
  /** `rebalance.timeout.ms` */
  readonly rebalanceTimeoutMs: number
}

export const limitsIn = (config: DistributedConfig): GroupLimits => ({
  maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
  rebalanceTimeoutMs: config['rebalance.timeout.ms'],
})

export const firstState = (seen: ClusterSnapshot): GroupState => ({
  phase: { type: 'joining', claim: null, lostMs: null },
  deadlines: { retryMs: null, rebalanceMs: null, meet: null },
  seen,
  changedAt: seen.offset,
})

/** The earliest time at which `time` finds something to do. */
export function dueMs({ phase, deadlines }: GroupState): number {
  const { retryMs, rebalanceMs, meet } = deadlines
  const retry = phase.type === 'reading' || phase.type === 'left' ? retryMs : null
  const rest = isPlaced(phase) ? [rebalanceMs, meet?.atMs ?? null] : []
  return Math.min(...[retry, ...rest].map((at) => at ?? Number.POSITIVE_INFINITY))
}

/** What it may run now; null while that is nothing. */
export const heldPlacement = (phase: Phase): Placement | null =>
  'placement' in phase ? phase.placement : null
/** What it holds, or held last and claims. */
export const lastPlacement = (phase: Phase): Placement | null =>
  'placement' in phase ? phase.placement : phase.claim
export const agreedSnapshot = (phase: Phase): ClusterSnapshot | null =>
  'agreed' in phase ? phase.agreed : null
/** A round is under way or due, by which it comes to what it is to run. */
export const isJoining = ({ type }: Phase): boolean => type !== 'reading' && type !== 'working'

/**
 * As the worker tells the group what it claims. Who was out for longer than the delay for lost work may find its work with others, and
 * claims nothing. Before that nobody has been given it, and the claim spares the group the wait.
 */
export function withoutOldClaim(state: GroupState, now: number, { maxDelayMs }: GroupLimits): GroupState {
  const { phase } = state
  if (phase.type === 'working' || phase.lostMs === null || now - phase.lostMs < maxDelayMs) return state
  if (lastPlacement(phase) === null) return state
  return { ...state, phase: { type: 'joining', claim: null, lostMs: phase.lostMs } }
}
