import { abortable } from '../../waiting.ts'

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
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      try {
        await abortable(promise, signal)
      } finally {
        waiting.delete(resolve)
      }
    },
    look() {
      if (waiting.size > 0 && holds()) for (const resolve of waiting) resolve()
    },
  }
}
