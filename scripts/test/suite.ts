import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { complaintsOf, type Outcome, play, textOf } from './play.ts'

export interface SuiteOptions {
  readonly root: string
  /** What failed is kept in this folder, one text for each play of a file; it is emptied first. */
  readonly keep: string
  readonly signal: AbortSignal
}

/** What is read first of a run elsewhere is its end. */
function tell(what: string, failed: Outcome): void {
  console.log(`  ${what}`)
  for (const line of complaintsOf(failed)) console.log(`      ${line}`)
}

/** So many failures are no matter of luck. */
const MOST_AGAIN = 10
const SLOWEST = 10

/**
 * Plays test files, then those that failed once more, each alone. One that passes only then is listed as unstable and fails nothing; one
 * that fails twice fails the suite. The exit code is returned.
 */
export async function runSuite(files: readonly string[], options: SuiteOptions): Promise<number> {
  await rm(options.keep, { recursive: true, force: true })
  const first = await play(files, { concurrency: 3, signal: options.signal })
  const failed = first.filter((outcome) => outcome.failed)
  const again = failed.length <= MOST_AGAIN ? failed : []
  const second = new Map<string, Outcome>()
  for (const { file } of again) {
    if (options.signal.aborted) break
    console.log(`\nOnce more, alone: ${relative(options.root, file)}\n`)
    for (const outcome of await play([file], { concurrency: 1, signal: options.signal }))
      second.set(file, outcome)
  }
  const last = first.map((outcome) => second.get(outcome.file) ?? outcome)
  const name = ({ file }: Outcome): string => relative(options.root, file)
  const keep = async (outcome: Outcome, which: string): Promise<string> => {
    const path = join(options.keep, `${name(outcome).replaceAll('/', '-')}.${which}.txt`)
    await mkdir(options.keep, { recursive: true })
    await writeFile(path, await textOf(outcome))
    return basename(path)
  }
  for (const outcome of failed) await keep(outcome, 'first')
  for (const outcome of second.values()) await keep(outcome, 'second')

  const slowest = first.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST)
  console.log(`\nSlowest:`)
  for (const outcome of slowest)
    console.log(`${(outcome.durationMs / 1000).toFixed(1).padStart(7)} s  ${name(outcome)}`)
  const unstable = failed.filter(({ file }) => second.get(file)?.failed === false)
  if (unstable.length > 0) {
    console.log('\nUNSTABLE, failed among the others and passed alone; the cause is a fault to be found:')
    for (const outcome of unstable) tell(name(outcome), outcome)
  }
  const still = last.filter((outcome) => outcome.failed)
  if (still.length > 0) console.log('\nFAILED:')
  for (const outcome of still)
    tell(
      `${name(outcome)}, ${second.has(outcome.file) ? 'twice' : 'once, and was not played again'}`,
      outcome,
    )
  if (failed.length > 0) console.log(`\nWhat they printed: ${relative(options.root, options.keep)}`)
  const missing = files.length - first.length
  if (missing > 0) console.log(`\nNot played to their end: ${missing} files`)
  const sum = (of: 'passed' | 'failures' | 'skipped'): number =>
    last.reduce((all, outcome) => all + outcome[of], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failures')} failed, ${sum('skipped')} skipped`)
  return still.length === 0 && missing === 0 ? 0 : 1
}
