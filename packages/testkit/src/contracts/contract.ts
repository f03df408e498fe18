/**
 * What every implementation of something keeps to, as data: each clause by its name, and what fails by throwing where it does not hold.
 * Whatever plays your tests plays these, `node:test`, Vitest, Jest and Mocha alike:
 *
 * ```ts
 * for (const { name, run } of sourceTaskContract({ open: openMyTask, count: 5 })) test(name, run)
 * ```
 */
export type Contract = readonly Clause[]

export interface Clause {
  readonly name: string
  readonly run: () => Promise<void>
}
