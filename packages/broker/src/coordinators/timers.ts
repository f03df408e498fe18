/** The clock of the coordinators. Tests hand in one that they move themselves. */
export interface Timers {
  /** Epoch milliseconds. */
  now(): number
  /** Calls back once, `ms` from now. The answer cancels; calling it late or twice does nothing. */
  after(ms: number, callback: () => void): () => void
}

/** Real time. Disposing it cancels everything still pending, so that nothing outlives the broker. */
export function openTimers(): Timers & Disposable {
  const pending = new Set<NodeJS.Timeout>()
  let closed = false
  return {
    now: Date.now,
    after(ms, callback) {
      if (closed) return () => {}
      const timer = setTimeout(() => {
        pending.delete(timer)
        callback()
      }, ms)
      pending.add(timer)
      return () => {
        clearTimeout(timer)
        pending.delete(timer)
      }
    },
    [Symbol.dispose]() {
      closed = true
      for (const timer of pending) clearTimeout(timer)
      pending.clear()
    },
  }
}
