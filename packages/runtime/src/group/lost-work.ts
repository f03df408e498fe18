/** What the leader remembers about work whose worker has gone, and about the round in which the group is to look again. */
export interface Delay {
  /** When lost work is assigned at the latest; null when nothing is scheduled. */
  readonly scheduledMs: number | null
  /** As told to the members in the last round. */
  readonly delayMs: number
  /** Workers that came without work meanwhile, in the order of their coming: probably those that had left. */
  readonly candidates: ReadonlySet<string>
}
export const NO_DELAY: Delay = { scheduledMs: null, delayMs: 0, candidates: new Set() }

export interface LostRound {
  readonly nowMs: number
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number
  readonly lost: readonly string[]
  /** Nobody has left since the last round. */
  readonly complete: boolean
  /** Work was taken from workers in the last round, to balance them. */
  readonly revokedBefore: boolean
  readonly workers: readonly { readonly worker: string; readonly idle: boolean }[]
}

export type LostDecision = {
  readonly delay: Delay
} & (
  | { readonly type: 'wait' }
  /** Like work that is new. */
  | { readonly type: 'reassign' }
  /** The delay is over. To these workers in turn; to all when there are none. */
  | { readonly type: 'return'; readonly to: readonly string[] }
)

/**
 * A worker that has gone may be back soon, and starting its work elsewhere costs two moves: its work waits for
 * `scheduled.rebalance.max.delay.ms`, and then goes to those who came meanwhile.
 */
export function handleLost(delay: Delay, round: LostRound): LostDecision {
  const { nowMs, maxDelayMs, lost, workers } = round
  if (lost.length === 0 && !round.revokedBefore) return { type: 'wait', delay: NO_DELAY }
  if (delay.scheduledMs === null && round.complete) return { type: 'reassign', delay }
  if (maxDelayMs === 0) return { type: 'reassign', delay }
  if (delay.scheduledMs !== null && nowMs >= delay.scheduledMs) {
    const present = new Set(workers.map(({ worker }) => worker))
    return { type: 'return', to: [...delay.candidates].filter((one) => present.has(one)), delay: NO_DELAY }
  }
  const idle = workers.filter((one) => one.idle).map(({ worker }) => worker)
  const delayMs = delay.scheduledMs === null ? maxDelayMs : Math.min(delay.scheduledMs - nowMs, maxDelayMs)
  return {
    type: 'wait',
    delay: { scheduledMs: nowMs + delayMs, delayMs, candidates: new Set([...delay.candidates, ...idle]) },
  }
}
