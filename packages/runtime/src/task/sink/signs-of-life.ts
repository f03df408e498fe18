/**
 * Tells the main thread that a sink task is alive, by which its membership of the consumer group lives: waiting for records is a sign of
 * life, a put that hangs is none.
 */
export interface SignsOfLife extends Disposable {
  /** For every poll; it is told now and then only. */
  waitFor<T>(records: Promise<T>): Promise<T>
}

/** A task that waits gives a sign every `everyMs`. */
export function openSignsOfLife(tell: () => void, everyMs: number): SignsOfLife {
  let waiting = false
  let last = 0
  const sign = () => {
    const now = Date.now()
    if (now - last < everyMs / 2) return
    last = now
    tell()
  }
  const timer = setInterval(() => waiting && sign(), everyMs).unref()
  return {
    async waitFor(records) {
      sign()
      waiting = true
      try {
        return await records
      } finally {
        waiting = false
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
