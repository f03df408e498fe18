/** How long a server may be silent. */
export const SILENCE_MS = 30_000

export const silenceError = (ms: number): Error =>
  Object.assign(new Error(`no answer within ${Math.round(ms)} ms`), { name: 'TimeoutError' })

/**
 * Waits for an attempt until the time is up or `ended` aborts, whether the attempt minds its signal or not: the SDK looks for credentials
 * without one.
 */
export async function within<T>(
  limitMs: number,
  ended: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const stop = (reason: unknown): void => {
    controller.abort(reason)
    reject(reason)
  }
  const end = (): void => stop(ended.reason)
  const timer = setTimeout(() => stop(silenceError(limitMs)), limitMs)
  ended.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([attempt(controller.signal), over])
  } finally {
    clearTimeout(timer)
    ended.removeEventListener('abort', end)
  }
}
