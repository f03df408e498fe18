import { delay } from '../waiting.ts'

/** Whether a task shows life as often as `max.poll.interval.ms` wants it. */
export interface PollInterval {
  /** From now on it has to, until it has not. */
  begin(): void
  alive(): void
}

/** Calls `exceeded` when the task was silent for `limitMs`, and `revived` at its next sign of life. */
export function openPollInterval(
  limitMs: number,
  { exceeded, revived }: { readonly exceeded: () => void; readonly revived: () => void },
  signal: AbortSignal,
): PollInterval {
  let state: 'idle' | 'watching' | 'exceeded' = 'idle'
  let aliveAt = 0
  const watch = async () => {
    for (;;) {
      const leftMs = aliveAt + limitMs - Date.now()
      if (leftMs <= 0) break
      await delay(leftMs, signal)
      if (signal.aborted) return
    }
    state = 'exceeded'
    exceeded()
  }
  return {
    begin() {
      if (state !== 'idle') return
      aliveAt = Date.now()
      state = 'watching'
      void watch()
    },
    alive() {
      aliveAt = Date.now()
      if (state !== 'exceeded') return
      state = 'idle'
      revived()
    },
  }
}
