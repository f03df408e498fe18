/**
 * What every implementation of something keeps to, as data: each clause by its name, and what fails by throwing where it does not hold.
 * Whatever plays your tests plays these. With `node:test`, Mocha and Jest:
 *
 * ```ts
 * import { test } from 'node:test'
 * import { sourceContract } from '@isthmus/testkit'
 *
 * for (const { name, run } of sourceContract({ plugin: MySource, source: () => ({ props: { url } }), count: 5 })) test(name, run)
 * ```
 *
 * With Vitest:
 *
 * ```ts
 * import { test } from 'vitest'
 * import { transformContract } from '@isthmus/testkit'
 *
 * test.each(transformContract({ plugin: MyTransform, records }))('$name', ({ run }) => run())
 * ```
 *
 * Clauses are played one after another, not at once: some look at what the process holds open.
 */
export type Contract = readonly Clause[]

export interface Clause {
  /** A sentence: what holds. */
  readonly name: string
  /** Rejects where it does not. May be called more than once. */
  readonly run: () => Promise<void>
}

/** What the cases of all contracts may say. */
export interface Patience {
  /** How long a clause waits for what is to happen, in milliseconds, before it says that it does not: 10,000. */
  readonly patienceMs?: number
}

export const PATIENCE_MS = 10_000

/** A clause that only some cases can be asked about. */
export const where = (isGiven: boolean, clause: Clause): Contract => (isGiven ? [clause] : [])
