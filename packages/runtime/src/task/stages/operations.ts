import type { MaybePromise } from '@isthmus/sdk'
import { ABANDONED, DROPPED, isPromise, type Stage, type Tolerance } from '../errors/tolerance.ts'

/** One of the operations that a record goes through in its task, on what has become of the record so far. */
export interface Operation<W> {
  readonly stage: Stage
  /** Java class of what is executed. */
  readonly executing: string
  /** The outcome, or null where it drops the record: only transforms do. */
  perform(work: W): MaybePromise<unknown>
  keep(work: W, outcome: never): void
}

/** What the operation failed with at its first attempt, or the promise that it has answered with. */
export type FirstAttempt = { readonly error: unknown } | { readonly promise: Promise<unknown> }

/** What records go through, and what is done with one at the end: with its outcome, whatever that is. */
export interface Path<W, O, R> {
  readonly operations: readonly Operation<W>[]
  readonly tolerance: Tolerance<O>
  readonly end: (outcome: Outcome, work: W, origin: O) => R | Promise<R>
}

export type Outcome = 'through' | typeof DROPPED | typeof ABANDONED

/**
 * Carries a record on from the operation that failed or has to be waited for; earlier ones are not run again. Nearly every record goes
 * through all operations without a promise, and never comes here.
 */
export async function resume<W, O, R>(
  { operations, tolerance, end }: Path<W, O, R>,
  from: number,
  work: W,
  origin: O,
  first: FirstAttempt,
): Promise<R> {
  for (let at = from; at < operations.length; at++) {
    const operation = operations[at] as Operation<W>
    const { stage, executing } = operation
    const attempt = at === from ? first : attempted(operation, work)
    const result: unknown =
      'result' in attempt
        ? attempt.result
        : await tolerance.carryOn(stage, executing, origin, () => operation.perform(work), attempt)
    if (result === ABANDONED) return end(ABANDONED, work, origin)
    if (result === DROPPED || (stage === 'TRANSFORMATION' && result === null))
      return end(DROPPED, work, origin)
    operation.keep(work, result as never)
  }
  return end('through', work, origin)
}

function attempted<W>(operation: Operation<W>, work: W): FirstAttempt | { readonly result: unknown } {
  try {
    const result = operation.perform(work)
    return isPromise(result) ? { promise: result } : { result }
  } catch (error) {
    return { error }
  }
}
