import { ConnectError } from '../../errors.ts'
import type { Attempt, Matching } from './matching.ts'
import type { Pattern } from './syntax.ts'

/** What keeps the work of a match within a limit. */
export interface Bounds {
  begin(text: string): void
  spend(steps: number): void
  /** For each part of the pattern that could be come to more than once: where it led nowhere. Null where that depends on more than can be told. */
  readonly failed: Set<number>[] | null
}

/** A loop under way: where its slots are, and how many counts make a difference. */
export interface LoopState {
  readonly count: number
  readonly began: number
  readonly counts: number
}

export function openBounds(source: string, limit: number, remembers: boolean): Bounds {
  let left = limit
  let current = ''
  const failed: Set<number>[] | null = remembers ? [] : null
  return {
    failed,
    begin(text) {
      left = limit
      current = text
      for (const states of failed ?? []) states.clear()
    },
    spend(steps) {
      left -= steps
      if (left < 0)
        throw new ConnectError(
          'config',
          `The pattern ${source} takes too long (more than ${limit} steps) for ${current}: write it without repetitions inside of repetitions, and without references to groups`,
        )
    },
  }
}

/**
 * The same attempt, counted. Where it could go more than one way it is made once from each position: whether the rest fits depends on the position
 * and the state of the loops around, and on nothing else, unless the pattern refers to its groups.
 */
export function bounded(
  bounds: Bounds,
  pattern: Pattern,
  attempt: Attempt,
  { matching, loops }: { readonly matching: Matching; readonly loops: readonly LoopState[] },
): Attempt {
  const { spend, failed } = bounds
  if (pattern.type === 'char') {
    const { cost } = pattern
    return (at) => {
      spend(cost)
      return attempt(at)
    }
  }
  const state = stateOf(matching.slots, loops)
  if (failed === null || state === null || (pattern.type !== 'choice' && pattern.type !== 'repeat'))
    return (at) => {
      spend(1)
      return attempt(at)
    }
  const known = new Set<number>()
  failed.push(known)
  return (at) => {
    spend(1)
    const here = state(at)
    if (known.has(here)) return false
    if (attempt(at)) return true
    known.add(here)
    return false
  }
}

/** Texts are shorter than this. */
const POSITIONS = 2 ** 30

/** A number for the position in the text and the loops around; null where there are too many of them to be worth it. */
function stateOf(slots: readonly number[], loops: readonly LoopState[]): ((at: number) => number) | null {
  const states = loops.reduce((product, { counts }) => product * (counts + 1) * 2, 1)
  if (states > Number.MAX_SAFE_INTEGER / POSITIONS) return null
  return (at) => {
    let state = at
    for (const { count, began, counts } of loops) {
      state = state * (counts + 1) + Math.min(slots[count] ?? 0, counts)
      state = state * 2 + (at > (slots[began] ?? -1) ? 1 : 0)
    }
    return state
  }
}
