import type { Outcome } from './outcome.ts'

/** Where what we make of a pipeline is meant to be other than what Java makes of it. */
export interface Difference {
  readonly reason: string
  readonly applies: (java: Outcome) => boolean
  /** Java's outcome as ours has to be. */
  readonly ours: (java: Outcome, ours: Outcome) => Outcome
}

/** All that apply count, in this order. */
export const differences: readonly Difference[] = []
