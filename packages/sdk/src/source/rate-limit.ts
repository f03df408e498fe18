import type { Clock } from '../clock.ts'

/** Holds requests back as far as a source allows them; to be shared by all who ask the same source. */
export interface RateLimit {
  /**
   * Resolves when the next request may be sent, in the order of the calls, and counts it as sent. Rejects with the reason of `signal` when
   * that aborts first; such a request does not count, and the others move up. May be called while others wait.
   */
  ready(signal?: AbortSignal): Promise<void>
  /** Lets nothing through for `ms` from now: what an answer with `Retry-After` asks for. A pause never shortens an earlier one. */
  pause(ms: number): void
}

interface Waiter {
  readonly settle: () => void
  readonly fail: (error: unknown) => void
}

/** At most so many requests in any stretch of `perMs`: `{ requests: 10, perMs: 1000 }`. Nothing is spread out, so the first ones go at once. */
export function rateLimit(
  clock: Clock,
  { requests, perMs }: { readonly requests: number; readonly perMs: number },
): RateLimit {
  if (!(requests >= 1) || !(perMs >= 0))
    throw new RangeError(
      `rateLimit: at least one request in a stretch of time, not ${requests} in ${perMs} ms`,
    )
  const most = Math.floor(requests)
  /** When the last ones were sent, the oldest first. */
  let sent: number[] = []
  let pausedUntil = Number.NEGATIVE_INFINITY
  const waiters = new Set<Waiter>()
  let running: AbortController | null = null

  /** How long nothing may be sent yet. */
  const heldBack = (): number => {
    const now = clock.now()
    // a clock that was set back must not hold anything up for as long
    if ((sent.at(-1) ?? now) > now) sent = sent.map((at) => Math.min(at, now))
    const oldest = sent.length < most ? Number.NEGATIVE_INFINITY : (sent[0] ?? now) + perMs
    return Math.max(oldest, pausedUntil) - now
  }

  const letThrough = async (idle: AbortSignal): Promise<void> => {
    while (!idle.aborted) {
      const ms = heldBack()
      if (ms > 0) {
        await clock.wait(ms, idle)
        continue
      }
      const [first] = waiters
      if (first === undefined) return
      waiters.delete(first)
      if (sent.length >= most) sent.shift()
      sent.push(clock.now())
      first.settle()
    }
  }

  const run = (): void => {
    if (running !== null) return
    const own = new AbortController()
    running = own
    letThrough(own.signal)
      .catch((error) => {
        // the wait for nobody was given up; any other failure is the clock's
        if (own.signal.aborted) return
        for (const { fail } of waiters) fail(error)
        waiters.clear()
      })
      .finally(() => {
        if (running === own) running = null
        if (waiters.size > 0) run()
      })
  }

  return {
    ready: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const abort = () => {
          waiters.delete(waiter)
          if (waiters.size === 0) running?.abort()
          reject(signal?.reason)
        }
        const waiter: Waiter = {
          settle() {
            signal?.removeEventListener('abort', abort)
            resolve()
          },
          fail(error) {
            signal?.removeEventListener('abort', abort)
            reject(error)
          },
        }
        signal?.addEventListener('abort', abort, { once: true })
        waiters.add(waiter)
        run()
      }),
    pause(ms) {
      pausedUntil = Math.max(pausedUntil, clock.now() + ms)
    },
  }
}
