import { type Loads, spread, surplus } from './balance.ts'
import { type Delay, handleLost, NO_DELAY } from './lost-work.ts'
import { isTaskKey, keysOf, sortedWork, type Work, workOf } from './work.ts'

/** What the leader remembers from round to round; a new leader begins with nothing. */
export interface Rounds {
  /** Everything that was assigned after the last round, and what was lost before it and not yet assigned. */
  readonly assigned: ReadonlySet<string>
  readonly revoked: ReadonlySet<string>
  readonly generation: number
  readonly members: ReadonlySet<string>
  readonly delay: Delay
  /** The last round took work away to balance the workers. */
  readonly balancing: boolean
  /** Rounds in a row that wanted to take work away after one that had. */
  readonly insisted: number
}
export const FIRST_ROUND: Rounds = {
  assigned: new Set(),
  revoked: new Set(),
  generation: -1,
  members: new Set(),
  delay: NO_DELAY,
  balancing: false,
  insisted: 0,
}

export interface Round {
  readonly generation: number
  /** The generation in which this member last received an assignment. */
  readonly lastCompleted: number
  readonly nowMs: number
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number
  /** What each member says it runs, by member id. */
  readonly running: ReadonlyMap<string, Work>
  readonly configured: Work
}

/** By member id. */
export interface RoundResult {
  /** What is to be started, and stopped; each exactly once in the group. */
  readonly assigned: ReadonlyMap<string, Work>
  readonly revoked: ReadonlyMap<string, Work>
  /** What each runs in the end. */
  readonly all: ReadonlyMap<string, Work>
  readonly delayMs: number
}

/**
 * Incremental cooperative assignment (KIP-415), as Java's leader does it: what runs stays where it is unless workers are out of
 * balance, what is taken away is assigned in the next round, and the work of a worker that left waits for its return.
 */
export function assignCooperative(
  before: Rounds,
  round: Round,
): { readonly rounds: Rounds; readonly result: RoundResult } {
  const running = new Map(
    [...round.running].sort(([a], [b]) => (a < b ? -1 : 1)).map(([member, work]) => [member, keysOf(work)]),
  )
  const configured = keysOf(sortedWork(round.configured))
  const active = new Set([...running.values()].flatMap((keys) => [...keys]))
  const previous = previousOf(before, round.lastCompleted, active)

  // also what a new leader, which remembers nothing, finds running
  const deleted = minus(union(previous, active), configured)
  const unwanted = union(deleted, heldTwice(running.values()))
  const lost = minus(previous, active, deleted)
  const revoked = mapValues(running, (keys) => new Set([...keys].filter((key) => unwanted.has(key))))
  const next: Shares = mapValues(running, (keys) => minus(keys, unwanted))

  const placed = placeLost(before, round, lost, next)
  const step = balance(placed.rounds, round, configured, next)
  for (const [member, keys] of step.revoked)
    for (const key of keys) {
      next.get(member)?.delete(key)
      // also from a worker that was to get it in this round: a revocation is what makes the group meet again
      revoked.get(member)?.add(key)
    }
  deal(next, union(minus(configured, previous, active), placed.toAssign))

  const kept = mapValues(running, (keys) => minus(keys, deleted))
  const taken = new Set([...revoked.values()].flatMap((keys) => [...keys]))
  return {
    rounds: {
      ...step.rounds,
      assigned: union(minus(new Set([...next.values()].flatMap((keys) => [...keys])), taken), lost),
      revoked: taken,
      generation: round.generation,
      members: new Set(running.keys()),
    },
    result: {
      assigned: mapValues(next, (keys, member) => workOf(minus(keys, kept.get(member) ?? new Set()))),
      revoked: mapValues(revoked, (keys) => workOf(keys)),
      all: mapValues(next, (keys) => workOf(keys)),
      delayMs: step.rounds.delay.delayMs,
    },
  }
}

/** What the leader may go by: nothing when its last round did not reach it, what runs when a revocation did not reach its member. */
function previousOf(before: Rounds, lastCompleted: number, active: ReadonlySet<string>): ReadonlySet<string> {
  for (const key of before.revoked) if (active.has(key)) return active
  return before.generation === lastCompleted ? before.assigned : new Set()
}

/** Decides on work whose worker has gone, and gives it to those who came for it. */
function placeLost(
  before: Rounds,
  { nowMs, maxDelayMs }: Round,
  lost: ReadonlySet<string>,
  next: Shares,
): { readonly rounds: Rounds; readonly toAssign: ReadonlySet<string> } {
  const decision = handleLost(before.delay, {
    nowMs,
    maxDelayMs,
    lost: [...lost],
    complete: [...before.members].every((member) => next.has(member)),
    revokedBefore: before.balancing,
    workers: [...next].map(([worker, keys]) => ({ worker, idle: keys.size === 0 })),
  })
  const rounds = { ...before, delay: decision.delay }
  switch (decision.type) {
    case 'wait':
      return { rounds, toAssign: new Set() }
    case 'reassign':
      return { rounds, toAssign: lost }
    case 'return': {
      const { to } = decision
      // a whole delay has passed: work may be taken away again
      const rested = { ...rounds, balancing: false }
      if (to.length === 0) return { rounds: rested, toAssign: lost }
      for (const tasks of [false, true]) {
        let turn = 0
        for (const key of lost)
          if (isTaskKey(key) === tasks) next.get(to[turn++ % to.length] as string)?.add(key)
      }
      return { rounds: rested, toAssign: new Set() }
    }
    default:
      return decision satisfies never
  }
}

/** Takes work from workers that have too much: at once the first time, then after longer and longer delays. */
function balance(
  rounds: Rounds,
  { nowMs, maxDelayMs }: Round,
  configured: ReadonlySet<string>,
  next: Shares,
): { readonly rounds: Rounds; readonly revoked: ReadonlyMap<string, readonly string[]> } {
  const nothing: ReadonlyMap<string, readonly string[]> = new Map()
  if (rounds.delay.delayMs !== 0) return { rounds: { ...rounds, balancing: false }, revoked: nothing }
  const revoked = tooMuch(configured, next)
  if (revoked.size === 0) {
    const calm = rounds.balancing ? { ...rounds, balancing: false, insisted: 0 } : rounds
    return { rounds: calm, revoked }
  }
  if (!rounds.balancing) return { rounds: { ...rounds, balancing: true }, revoked }
  const insisted = rounds.insisted + 1
  const delayMs = backoffMs(insisted, maxDelayMs)
  if (delayMs === 0) return { rounds: { ...rounds, insisted }, revoked }
  const delay = { ...rounds.delay, delayMs, scheduledMs: nowMs + delayMs }
  return { rounds: { ...rounds, insisted, delay }, revoked: nothing }
}

function tooMuch(configured: ReadonlySet<string>, next: Shares): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  if (configured.size === 0 || [...next.values()].every((keys) => keys.size === 0)) return found
  for (const tasks of [false, true]) {
    const total = [...configured].filter((key) => isTaskKey(key) === tasks).length
    for (const [member, keys] of surplus(loadsOf(next, tasks), total))
      found.set(member, [...(found.get(member) ?? []), ...keys])
  }
  return found
}

function deal(next: Shares, keys: ReadonlySet<string>): void {
  for (const tasks of [false, true]) {
    const loads = loadsOf(next, tasks)
    spread(
      loads,
      [...keys].filter((key) => isTaskKey(key) === tasks),
    )
    for (const [member, load] of loads) for (const key of load) next.get(member)?.add(key)
  }
}

/** 40 ms, 1.6 s, 64 s, up to the delay for lost work; none where that is off. */
export function backoffMs(attempt: number, maxDelayMs: number): number {
  if (maxDelayMs <= 1) return maxDelayMs
  const most = Math.log(maxDelayMs) / Math.log(40)
  return Math.min(Math.trunc(40 ** Math.min(attempt, most)), maxDelayMs)
}

type Shares = ReadonlyMap<string, Set<string>>

const loadsOf = (shares: Shares, tasks: boolean): Loads =>
  mapValues(shares, (keys) => new Set([...keys].filter((key) => isTaskKey(key) === tasks)))

function heldTwice(shares: Iterable<ReadonlySet<string>>): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const keys of shares)
    for (const key of keys) {
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  return twice
}

const minus = (from: ReadonlySet<string>, ...others: readonly ReadonlySet<string>[]): Set<string> =>
  new Set([...from].filter((key) => !others.some((other) => other.has(key))))
const union = (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> => new Set([...a, ...b])
const mapValues = <A, B>(map: ReadonlyMap<string, A>, change: (value: A, key: string) => B): Map<string, B> =>
  new Map([...map].map(([key, value]) => [key, change(value, key)]))
