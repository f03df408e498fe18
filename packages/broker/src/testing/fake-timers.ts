import type { Timers } from '../coordinators/timers.ts'

/** A clock that stands still until it is told otherwise. */
export interface FakeTimers extends Timers {
  /** Lets time pass, calling back whatever is due, in order, each at its own time. */
  advance(ms: number): void
  readonly pending: number
}

export function fakeTimers(start = 1_700_000_000_000): FakeTimers {
  let now = start
  let sequence = 0
  const timers = new Map<number, { due: number; callback: () => void }>()
  return {
    now: () => now,
    after(ms, callback) {
      const id = sequence++
      timers.set(id, { due: now + ms, callback })
      return () => timers.delete(id)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        let first: number | null = null
        for (const [id, { due }] of timers)
          if (due <= end && (first === null || due < (timers.get(first)?.due ?? 0))) first = id
        const timer = first === null ? undefined : timers.get(first)
        if (first === null || !timer) break
        timers.delete(first)
        now = timer.due
        timer.callback()
      }
      now = end
    },
    get pending() {
      return timers.size
    },
  }
}
