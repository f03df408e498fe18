import { spawnSync } from 'node:child_process'
import { apacheIsPossible } from '../apache/jars.ts'

const found = (command: string, version: string): boolean =>
  spawnSync(command, [version], { stdio: 'ignore' }).status === 0

/** For `skip` of a test: false, or why the client cannot run here. Continuous integration has them all, so nothing is skipped there. */
export function absent(there: boolean, why: string): string | false {
  if (there || process.env['CI'] === 'true') return false
  console.error(`\nSKIPPED: clients of the embedded broker (${why})\n`)
  return why
}

export const javaIsAbsent = (): string | false => absent(apacheIsPossible(), 'java or mvn not found')
export const kcatIsAbsent = (): string | false => absent(found('kcat', '-V'), 'kcat not found')
export const pythonIsAbsent = (): string | false => absent(found('python3', '--version'), 'python3 not found')
