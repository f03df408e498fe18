import { KafkaError } from './errors.ts'

/** Node's timers go no further, and fire at once when asked to. */
export const MAX_TIMER_MS = 2 ** 31 - 1

/** Aborts after `ms`. */
export function timeLimit(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.ceil(ms), MAX_TIMER_MS))
}

/** Delay before attempt `failures + 1`: doubles from `firstMs` to `maxMs`, spread by a fifth so that clients do not come back in step. */
export function backoffMs(failures: number, firstMs: number, maxMs: number): number {
  if (failures <= 0) return 0
  const grown = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), Math.max(firstMs, maxMs))
  return grown * (0.8 + Math.random() * 0.4)
}

/** Resolves after `ms`, or at once when `signal` aborts: the caller looks at the signal. */
export const delay = (ms: number, signal?: AbortSignal): Promise<void> => new Waker().wait(ms, signal)

/** Where loops wait to be woken. Who is not waiting is not woken later: a loop looks at what there is before each wait. */
export class Waker {
  private readonly waits = new Set<() => void>()

  /** Resolves at `wake`, after `ms` (Infinity: without a timer), or when `signal` aborts: the caller looks which it was. */
  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (ms <= 0 || signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        this.waits.delete(done)
        resolve()
      }
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(done, Math.min(ms, MAX_TIMER_MS))
      signal?.addEventListener('abort', done)
      this.waits.add(done)
    })
  }
  wake(): void {
    for (const done of this.waits) done()
  }
}

/** The same promise, but rejected as soon as `signal` aborts; the work itself goes on for whoever else waits for it. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined, doing: string): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedError(signal, doing))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** CLOSED and the like pass through as they are; any other reason becomes ABORTED. */
export function abortedError(signal: AbortSignal, doing: string): KafkaError {
  const { reason } = signal
  return reason instanceof KafkaError
    ? reason
    : new KafkaError('ABORTED', `${doing} was abandoned`, { cause: reason })
}
