/** What ends a wait early, also when it was called before the wait began. */
export interface Wake {
  /** Whether somebody is there who calls. */
  watched: boolean
  call(): void
  /** Forgets the calls so far. */
  clear(): void
  /** Settles at the first call since `clear`, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function openWake(): Wake {
  let called = false
  let end: () => void = () => {}
  return {
    watched: false,
    call() {
      called = true
      end()
    },
    clear() {
      called = false
    },
    async wait(ms, signal) {
      if (called || signal.aborted) return
      const { promise, resolve } = Promise.withResolvers<void>()
      end = () => resolve()
      const timer = setTimeout(end, ms)
      signal.addEventListener('abort', end, { once: true })
      await promise
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    },
  }
}
