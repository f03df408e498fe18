/** Node's timers go no further, and fire at once when asked to; of a time that is over they complain. */
const MAX_TIMER_MS = 2 ** 31 - 1

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

/** Waits so many milliseconds, or until the signal aborts. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => openBell().wait(ms, signal)
