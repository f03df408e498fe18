/** Those who wait for a condition that somebody else makes true. */
export interface Waiters {
  /** Settles at once when it holds, else when a `look` finds that it does; rejects with the reason of `signal`. */
  wait(signal: AbortSignal): Promise<void>
  /** The condition may have come true. */
  look(): void
}

export function openWaiters(holds: () => boolean): Waiters {
  const waiting = new Set<() => void>()
  return {
    async wait(signal) {
      signal.throwIfAborted()
      if (holds()) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const giveUp = () => reject(signal.reason)
      signal.addEventListener('abort', giveUp, { once: true })
      waiting.add(resolve)
      try {
        await promise
      } finally {
        waiting.delete(resolve)
        signal.removeEventListener('abort', giveUp)
      }
    },
    look() {
      if (waiting.size > 0 && holds()) for (const resolve of waiting) resolve()
    },
  }
}

/** The outcome of a promise, or the reason of `signal` when that comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([promise, over])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Settles after a time, or when `signal` aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (signal.aborted) done()
    else signal.addEventListener('abort', done, { once: true })
  })
}
