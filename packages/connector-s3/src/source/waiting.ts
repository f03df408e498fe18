import { codeOf, type TaskLog } from '@isthmus/sdk'

/** Node's timers go no further, and fire at once when asked to; of a time that is over they complain. */
const MAX_TIMER_MS = 2 ** 31 - 1
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** Ends the wait of one who waits for work that others do. */
export interface Bell {
  ring(): void
  /** Resolves when the bell rings, after `ms` at the latest, or as soon as `signal` aborts. What rang before does not count. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function openBell(): Bell {
  let listener: (() => void) | null = null
  return {
    ring: () => listener?.(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          listener = null
          resolve()
        }
        const timer = setTimeout(done, Math.max(0, Math.min(ms, MAX_TIMER_MS)))
        signal.addEventListener('abort', done, { once: true })
        listener = done
      }),
  }
}

export const pause = (ms: number, signal: AbortSignal): Promise<void> => openBell().wait(ms, signal)

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
