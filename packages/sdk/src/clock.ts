/**
 * The time, and how to wait. Every context has one: the system's in a worker, and in a test perhaps one that the test moves. Code that goes
 * by it alone is tested without waiting. It may be called from anywhere, as often as one likes.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /**
   * Resolves when `ms` milliseconds have passed, at the next turn of the event loop for 0 and less. Rejects with the reason of `signal` as
   * soon as that aborts, at once where it already has. A wait keeps the process alive.
   */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

/** Node's timers go no further, and fire at once when asked to. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The system's clock and timers: what a worker lends. */
export const systemClock: Clock = {
  now: Date.now,
  async wait(ms, signal) {
    let left = ms
    for (; left > MAX_TIMER_MS; left -= MAX_TIMER_MS) await timer(MAX_TIMER_MS, signal)
    // Node.js warns of less than nothing
    await timer(Math.max(0, left), signal)
  },
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(running)
      reject(signal?.reason)
    }
    const running = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
