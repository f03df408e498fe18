import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'

/** A clock that stands still until the test moves it. */
export interface MovedClock extends Clock {
  /** Lets time pass: waits that end in it end in their order, each with what follows from it done before the next. */
  pass(ms: number): Promise<void>
  /** Sets the time, as an operator does: no wait ends by it. */
  set(now: number): void
  /** How many wait. */
  readonly waiting: number
}

interface Wait {
  left: number
  readonly end: () => void
}

export function movedClock(start = 1_000_000): MovedClock {
  let now = start
  const waits = new Set<Wait>()
  return {
    now: () => now,
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          waits.delete(wait)
          reject(signal?.reason)
        }
        const wait: Wait = {
          left: Math.max(0, ms),
          end() {
            signal?.removeEventListener('abort', abort)
            resolve()
          },
        }
        signal?.addEventListener('abort', abort, { once: true })
        waits.add(wait)
      }),
    async pass(ms) {
      for (let left = ms; ; ) {
        await setImmediate()
        const step = Math.min(left, ...[...waits].map((wait) => wait.left))
        now += step
        left -= step
        for (const wait of waits) wait.left -= step
        const [over] = [...waits].filter((wait) => wait.left <= 0)
        if (over === undefined) {
          if (left <= 0) return
          continue
        }
        waits.delete(over)
        over.end()
      }
    },
    set(to) {
      now = to
    },
    get waiting() {
      return waits.size
    },
  }
}
