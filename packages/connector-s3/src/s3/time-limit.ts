/** How long a server may be silent. */
export const SILENCE_MS = 30_000

export const silenceError = (ms: number): Error =>
  Object.assign(new Error(`no answer within ${Math.round(ms)} ms`), { name: 'TimeoutError' })

/**
 * Waits for an attempt until nothing has gone on for so long, as `goesOn` tells, or `ended` aborts, whether the attempt minds its signal or not: the SDK looks for credentials
 * without one.
 */
export async function within<T>(
  limitMs: number,
  ended: AbortSignal,
  attempt: (signal: AbortSignal, goesOn: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const stop = (reason: unknown): void => {
    controller.abort(reason)
    reject(reason)
  }
  const end = (): void => stop(ended.reason)
  const late = (): void => stop(silenceError(limitMs))
  const goesOn = (): void => {
    if (settled) return
    clearTimeout(timer)
    timer = setTimeout(late, limitMs)
  }
  let settled = false
  let timer = setTimeout(late, limitMs)
  ended.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([attempt(controller.signal, goesOn), over])
  } finally {
    settled = true
    clearTimeout(timer)
    ended.removeEventListener('abort', end)
  }
}
