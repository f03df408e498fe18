import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError, codeOf } from '@isthmus/sdk'
import type { Reading } from './reading.ts'

/**
 * Runs `attempt` again and again until it returns or the reading ends: after a while when it has failed with a `retriable` error. Any
 * other fails this, with an error that says what was tried: `read table orders`. `attempt` says by `well` that it works, so that the
 * next wait is short.
 */
export async function untilDone(
  what: string,
  { timings, log, signal, tried }: Reading,
  attempt: (well: () => void) => Promise<void>,
): Promise<void> {
  let wait = timings.retry
  let failed = false
  let said = Number.NEGATIVE_INFINITY
  const well = (): void => {
    if (failed) log.info(`Can ${what} again`)
    failed = false
    said = Number.NEGATIVE_INFINITY
    wait = timings.retry
    tried()
  }
  while (!signal.aborted) {
    try {
      await attempt(well)
    } catch (error) {
      if (signal.aborted) return
      const { message } = error as Error
      if (codeOf(error) !== 'retriable')
        throw new ConnectError('connect', `Could not ${what}: ${message}`, { cause: error })
      // at once and then every minute, however often it is tried
      const due = performance.now() - said >= timings.reminder
      log[due ? 'warn' : 'debug'](`Could not ${what}, trying again in ${wait} ms: ${message}`)
      if (due) said = performance.now()
      failed = true
      tried()
    }
    if (!failed) return
    await delay(wait, undefined, { signal }).catch(() => {})
    wait = Math.min(2 * wait, timings.longestRetry)
  }
}
