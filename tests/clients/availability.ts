import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { apacheIsPossible } from '../apache/jars.ts'

const found = (command: string, version: string): boolean =>
  spawnSync(command, [version], { stdio: 'ignore' }).status === 0

/** For `skip` of a test: false, or why the client cannot run here. Continuous integration has them, so nothing is skipped there. */
export function absent(there: boolean, why: string): string | false {
  return process.env['CI'] === 'true' ? false : absentAnywhere(there, why)
}

function absentAnywhere(there: boolean, why: string): string | false {
  if (there) return false
  console.error(`\nSKIPPED: clients of the embedded broker (${why})\n`)
  return why
}

export const javaIsAbsent = (): string | false => absent(apacheIsPossible(), 'java or mvn not found')
/** Skipped in continuous integration too: it comes from the system's packages, and their mirrors fail at times. */
export const kcatIsAbsent = (): string | false => absentAnywhere(found('kcat', '-V'), 'kcat not found')
export const pythonIsAbsent = (): string | false => absent(found('python3', '--version'), 'python3 not found')

/** Fetches what a test needs; where that fails, the test is skipped and null is the answer. */
export async function fetched<T>(t: TestContext, what: string, fetch: () => Promise<T>): Promise<T | null> {
  try {
    return await fetch()
  } catch (error) {
    const why = absent(false, `${what} cannot be had: ${(error as Error).message}`)
    if (why === false) throw error
    t.skip(why)
    return null
  }
}
