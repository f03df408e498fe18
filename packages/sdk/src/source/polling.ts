import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import { codeOf } from '../errors.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SourceRecord } from '../record.ts'
import type { SourceTask, TaskLog } from '../task.ts'

/** What one question to the source has brought. */
export type Polled =
  | readonly SourceRecord[]
  /** `again`: there is more to be had at once, so the interval is not waited for. */
  | { readonly records: readonly SourceRecord[]; readonly again?: boolean }
  | null

/** How long to wait after a failure: about `minMs` at first, twice as long after each further one, and never longer than `maxMs`. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/** How often to ask. */
export interface PollingOptions {
  /** From one question to the next, at least; counted from where the question begins. */
  readonly intervalMs: number
  /** After a retriable error; from one second to a minute when absent. */
  readonly backoff?: Backoff
}

const DEFAULT_BACKOFF: Backoff = { minMs: 1000, maxMs: 60_000 }
/** A source that is away is told of when it goes and when it comes back, and in between this often. */
const TELL_MS = 60_000

/**
 * The `poll` of a source that has to be asked: `ask` is called at once, then every `intervalMs`, and at once after an answer that has more.
 *
 * - An answer without records is waited out in here, so a worker that has nothing to do costs nothing.
 * - A `retriable` error is logged, and asked again after a wait that grows (`backoff`), with some chance in it, so that many tasks do not come
 *   back at one moment. What `ask` reads before it throws must still be there at the next question. What `fetch` throws is not
 *   retriable by itself: `throw retriable('…', { cause })`.
 * - Any other error fails the task.
 * - When the signal of `poll` aborts, a wait ends at once, and `ask` is expected to settle soon by the same signal; what it answers
 *   then counts, and what it throws does not.
 *
 * Intervals and waits go on from one `poll` to the next, so that a pause of the connector asks no sooner.
 */
export function polling(
  { clock, log }: { readonly clock: Clock; readonly log: TaskLog },
  { intervalMs, backoff = DEFAULT_BACKOFF }: PollingOptions,
  ask: (signal: AbortSignal) => MaybePromise<Polled>,
): SourceTask['poll'] {
  let wait = { from: clock.now(), ms: 0 }
  let failures = 0
  let told = 0

  const failed = (error: unknown): void => {
    wait = { from: clock.now(), ms: delayAfter(failures, backoff) }
    failures++
    if (failures > 1 && wait.from - told < TELL_MS) return
    told = wait.from
    log.warn(
      `The source could not be read${failures > 1 ? ` (${failures} times in a row)` : ''}; it is asked again, for the next time in ${seconds(wait.ms)}`,
      error,
    )
  }

  return async (signal) => {
    while (!signal.aborted) {
      try {
        // a system's clock that was set back must not hold anything up
        const left = Math.min(wait.ms, wait.from + wait.ms - clock.now())
        if (left > 0) await clock.wait(left, signal)
      } catch (error) {
        if (signal.aborted) return null
        throw error
      }
      const from = clock.now()
      let answer: Polled
      try {
        answer = await ask(signal)
      } catch (error) {
        if (signal.aborted) return null
        if (codeOf(error) !== 'retriable') throw error
        failed(error)
        continue
      }
      if (failures > 0) log.info(`The source can be read again, after ${failures} failed attempts`)
      failures = 0
      const { records, again } = answered(answer)
      wait = { from, ms: again ? 0 : intervalMs }
      if (records.length > 0) return records
      // an answer that costs nothing to give must not keep a stop from being noticed
      if (wait.ms === 0) await setImmediate()
    }
    return null
  }
}

const NOTHING: readonly SourceRecord[] = []

function answered(answer: Polled): { readonly records: readonly SourceRecord[]; readonly again: boolean } {
  if (answer === null || answer === undefined) return { records: NOTHING, again: false }
  if ('records' in answer) return { records: answer.records, again: answer.again === true }
  return { records: answer, again: false }
}

/** Between half of what is allowed by now and all of it. */
function delayAfter(failures: number, { minMs, maxMs }: Backoff): number {
  const most = Math.min(maxMs, 2 * minMs * 2 ** failures)
  return Math.max(Math.min(minMs, maxMs), most / 2 + (Math.random() * most) / 2)
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
