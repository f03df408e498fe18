/** How this layer waits: every delay, limit of time and wait that a signal ends is one of these. */

/** Node's timers go no further, and fire at once when asked to. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Resolves after `ms`, or as soon as `signal` aborts: the caller looks at the signal. Never rejects. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, MAX_TIMER_MS))
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** The outcome of `work`, or the reason of `signal` as an error when it aborts first; the work itself goes on. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => firstOf(work, signal, resolve, reject, () => reject(signal.reason)))
}

/** The outcome of `work`, or `instead` when `signal` aborts first; the work itself goes on. */
export function orAborted<T, I>(work: Promise<T>, signal: AbortSignal, instead: I): Promise<T | I> {
  return new Promise((resolve, reject) => firstOf(work, signal, resolve, reject, () => resolve(instead)))
}

function firstOf<T>(
  work: Promise<T>,
  signal: AbortSignal,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
  abort: () => void,
): void {
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
}

/** The outcome of `work`, or the error that `late` makes after `ms`; the work itself goes on. */
export function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.min(ms, MAX_TIMER_MS))
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Settles with `work`, or after `ms` at the latest: who waits goes on, and so does the work. */
export function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS))
    work.then(() => resolve(), reject).finally(() => clearTimeout(timer))
  })
}
