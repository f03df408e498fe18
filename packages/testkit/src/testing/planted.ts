import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contract } from '../index.ts'

/** How long a clause waits for what does not happen, where a fault keeps it from happening. */
export const FAULT_PATIENCE_MS = 60

/**
 * What a contract is worth: it holds for what keeps to it, and for each clause there is something broken that this clause finds. `broken` has the
 * contracts of these, by the names of the clauses.
 */
export function finds(what: string, sound: Contract, broken: { readonly [clause: string]: Contract }): void {
  describe(what, () => {
    for (const { name, run } of sound) {
      it(`holds: ${name}`, run)
      it(`finds what breaks it: ${name}`, async () => {
        const clause = broken[name]?.find((one) => one.name === name)
        assert.ok(clause, `nothing is planted for the clause: ${name}`)
        await assert.rejects(clause.run())
      })
    }
    it('plants nothing for a clause that is not there', () => {
      const names = sound.map(({ name }) => name)
      assert.deepEqual(
        Object.keys(broken).filter((name) => !names.includes(name)),
        [],
      )
    })
  })
}

const running: NodeJS.Timeout[] = []

/** Something that keeps a process alive and that nobody closes, but `closeLeaks`. */
export const leak = (): void => void running.push(setInterval(() => {}, 60_000))

export function closeLeaks(): void {
  for (const timer of running.splice(0)) clearInterval(timer)
}

/** A disposal that fails when it comes again. */
export function onlyOnce(): () => Promise<void> {
  let disposed = false
  return async () => {
    if (disposed) throw new Error('disposed of twice')
    disposed = true
  }
}
