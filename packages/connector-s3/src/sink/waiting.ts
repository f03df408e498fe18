import { pause } from '../waiting.ts'

/** Waits for work, but not longer than so many milliseconds, nor when the signal has aborted. */
export async function atMost(ms: number, signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race([work, pause(ms, AbortSignal.any([signal, over.signal]))])
  } finally {
    over.abort()
  }
}

/** The outcome of work that cannot be ended; rejects as soon as the signal aborts, and the work goes on unseen. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
