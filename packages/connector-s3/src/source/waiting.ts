import { codeOf, type TaskLog } from '@isthmus/sdk'
import { pause } from '../waiting.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** The longest pause before the attempt after so many that failed; half of it is left to chance, so that many do not come at once. */
export const pauseAfter = (failures: number, chance = Math.random()): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16)) * (0.5 + chance / 2)

/**
 * The outcome of `attempt`, which is tried again as long as it fails with a `retriable` error, with growing pauses; each failure is told. Rejects
 * with any other error, and with the signal's reason once that has aborted.
 */
export async function patiently<T>(
  what: string,
  attempt: () => Promise<T>,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Pick<TaskLog, 'warn'> },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      if (codeOf(error) !== 'retriable') throw error
      const ms = pauseAfter(failures)
      log.warn(`${what} failed; it is tried again in ${(ms / 1000).toFixed(1)} s`, error)
      await pause(ms, signal)
      signal.throwIfAborted()
    }
  }
}
