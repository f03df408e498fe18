import type { SourceRecord } from '@isthmus/sdk'

/** Records of several tables on their way to the polls of a task; holds up the tables beyond `capacity`. */
export interface RecordQueue {
  /** Settles when the records have been taken in, or when `signal` aborts, and then they have not been. */
  put(records: readonly SourceRecord[], signal: AbortSignal): Promise<void>
  /** At most `most` records, in the order of `put`; waits for the first. Null when `signal` aborts. Called by one at a time. */
  take(most: number, signal: AbortSignal): Promise<readonly SourceRecord[] | null>
  /** What `take` rejects with once it has handed out what is in the queue, from then on for ever; the first one counts. */
  fail(error: unknown): void
}

export function openRecordQueue(capacity: number): RecordQueue {
  let records: SourceRecord[] = []
  let failure: { readonly error: unknown } | null = null
  let wakeTaker: () => void = () => {}
  let waiting: (() => void)[] = []

  const wakePutters = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }

  return {
    async put(more, signal) {
      while (records.length >= capacity && !signal.aborted)
        await untilWoken(signal, (wake) => waiting.push(wake))
      if (signal.aborted) return
      for (const record of more) records.push(record)
      wakeTaker()
    },

    async take(most, signal) {
      if (records.length === 0 && failure === null)
        await untilWoken(signal, (wake) => {
          wakeTaker = wake
        })
      if (records.length === 0) {
        if (failure !== null) throw failure.error
        return null
      }
      const taken = records.length <= most ? records : records.slice(0, most)
      records = records.length <= most ? [] : records.slice(most)
      if (records.length < capacity) wakePutters()
      return taken
    },

    fail(error) {
      failure ??= { error }
      wakeTaker()
    },
  }
}

/** Settles when what `onWake` was given is called, or when the signal aborts. */
async function untilWoken(signal: AbortSignal, onWake: (wake: () => void) => void): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const wake = () => resolve()
  onWake(wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
}
