import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '@isthmus/sdk'

/**
 * A clock that stands until a test moves it. It goes into the context of what is tested, which then waits as long as the test says:
 *
 * ```ts
 * const clock = fakeClock()
 * await using task = await MySource.task(config, sourceContext({ clock }))
 * const records = task.poll(signal)
 * await clock.waited()          // the task has nothing to give, and waits for its interval
 * await clock.advance(60_000)   // which is over
 * assert.equal((await records)?.length, 3)
 * ```
 */
export interface FakeClock extends Clock {
  /** How long each of those who wait has yet to wait, the shortest first, in milliseconds. */
  readonly waits: readonly number[]
  /** Resolves when somebody waits, at once if somebody does, with how long the first of them has to wait. */
  waited(): Promise<number>
  /**
   * Moves the time on. Every wait that is over by then ends at its own time, in order, and what comes of it has a turn of the event loop before
   * the next; waits that begin meanwhile count too.
   */
  advance(ms: number): Promise<void>
}

interface Wait {
  readonly until: number
  readonly end: () => void
}

/** `startMs`: what the clock says at first, in epoch milliseconds. */
export function fakeClock(startMs = 0): FakeClock {
  let now = startMs
  const waits: Wait[] = []
  const watchers: (() => void)[] = []
  const first = (): Wait | undefined => waits[0]
  return {
    now: () => now,
    wait: (ms, signal) =>
      ms <= 0
        ? nextTurn(signal)
        : waitFor(signal, (end) => {
            const wait = { until: now + ms, end }
            // those that end at the same time end in the order in which they began
            const at = waits.findIndex(({ until }) => until > wait.until)
            waits.splice(at === -1 ? waits.length : at, 0, wait)
            for (const watcher of watchers.splice(0)) watcher()
            return () => waits.splice(waits.indexOf(wait), 1)
          }),
    get waits() {
      return waits.map(({ until }) => until - now)
    },
    async waited() {
      while (waits.length === 0) await new Promise<void>((resolve) => watchers.push(resolve))
      return (first()?.until ?? now) - now
    },
    async advance(ms) {
      const until = now + ms
      // what was asked for just before may begin to wait only now
      await turn()
      for (let next = first(); next !== undefined && next.until <= until; next = first()) {
        now = Math.max(now, next.until)
        next.end()
        await turn()
      }
      now = until
    },
  }
}

/**
 * A clock on which time passes only where somebody waits, and then at once: for a test that wants the records of a source that polls every minute,
 * and nothing of its waiting. The time between is right all the same.
 */
export function skippingClock(startMs = 0): Clock {
  let now = startMs
  return {
    now: () => now,
    async wait(ms, signal) {
      await nextTurn(signal)
      now += Math.max(0, ms)
    },
  }
}

const nextTurn = (signal: AbortSignal | undefined): Promise<void> =>
  waitFor(signal, (end) => {
    const running = setImmediate(end)
    return () => clearImmediate(running)
  })

/** `begin` is given what ends the wait, and answers what forgets it. */
function waitFor(signal: AbortSignal | undefined, begin: (end: () => void) => () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = (): void => {
      forget()
      reject(signal?.reason)
    }
    const forget = begin(() => {
      forget()
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
