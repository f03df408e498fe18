import { ConnectError, codeOf } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import { delay, orAborted } from '../../waiting.ts'
import type { Meter } from '../meter.ts'

/** The operations that can fail for one record, as Java names them in logs and dead letter headers. */
export type Stage =
  | 'TRANSFORMATION'
  | 'KEY_CONVERTER'
  | 'VALUE_CONVERTER'
  | 'HEADER_CONVERTER'
  | 'TASK_PUT'
  | 'KAFKA_PRODUCE'

export interface Failure<O> {
  readonly stage: Stage
  /** Java class of what failed. */
  readonly executing: string
  readonly error: unknown
  /** The record as it was polled or consumed. */
  readonly origin: O
}
/**
 * Where failures are told: the error log, the dead letter queue. A promise, which never rejects, while the queue takes no more: who
 * goes on without it fills the memory.
 */
export type Reporter<O> = (failure: Failure<O>) => Promise<void> | undefined

export type WhereOf<O> = (failure: Failure<O>) => string

export interface TolerancePolicy {
  readonly 'errors.retry.timeout': number
  readonly 'errors.retry.delay.max.ms': number
  readonly 'errors.tolerance': string
}

export const DROPPED: unique symbol = Symbol('dropped')
/** The task is to stop while the operation would be tried again: nothing is decided about its record. */
export const ABANDONED: unique symbol = Symbol('abandoned')

/**
 * What becomes of an operation that failed: it is tried again while `errors.retry.timeout` lasts (retriable errors only),
 * then `errors.tolerance` decides whether its record is dropped or the task fails. Nothing here runs for a record that
 * goes through.
 */
export interface Tolerance<O> {
  /** `first` is what the first attempt threw, or the promise it returned. */
  carryOn<T>(
    stage: Stage,
    executing: string,
    origin: O,
    attempt: () => T | Promise<T>,
    first: { readonly error: unknown } | { readonly promise: Promise<T> } | null,
  ): Promise<T | typeof DROPPED | typeof ABANDONED>
  /**
   * An error after the operation, such as a failed send: reports, then throws unless errors are tolerated. What comes back is to be
   * waited for before the next record, where that is possible.
   */
  judge(failure: Failure<O>): Promise<void> | undefined
  /** Which record it was, and what could not be done with it. */
  readonly whereOf: WhereOf<O>
  /** Whether errors are tolerated at all. */
  readonly tolerant: boolean
}

export interface ToleranceParts<O> {
  readonly whereOf: WhereOf<O>
  readonly policy: TolerancePolicy
  readonly report: Reporter<O>
  readonly stopping: AbortSignal
  readonly meter: Pick<Meter, 'error'>
  readonly log: Logger
  readonly now?: () => number
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

const FIRST_DELAY_MS = 300
export function openTolerance<O>(parts: ToleranceParts<O>): Tolerance<O> {
  const { policy, report, whereOf, stopping, meter, log, now = Date.now, wait = delay } = parts
  const timeout = policy['errors.retry.timeout']
  const tolerant = policy['errors.tolerance'] === 'all'

  const judge = (failure: Failure<O>): Promise<void> | undefined => {
    meter.error('total-record-errors')
    const room = report(failure)
    if (!tolerant)
      throw new ConnectError('connect', `Tolerance exceeded in error handler: ${whereOf(failure)}`, {
        cause: failure.error,
      })
    meter.error('total-records-skipped')
    return room
  }

  return {
    judge,
    whereOf,
    tolerant,
    async carryOn(stage, executing, origin, attempt, first) {
      const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : now() + timeout
      let pending = first
      for (let tries = 1; ; tries++) {
        let error: unknown
        try {
          if (pending === null) return await attempt()
          if ('promise' in pending) return await pending.promise
          error = pending.error
        } catch (thrown) {
          error = thrown
        }
        pending = null
        meter.error('total-record-failures')
        if (asksForRetry(error) && now() < deadline) {
          // its time is not over: a record that is neither sent nor dropped comes again after the next start
          if (stopping.aborted) return ABANDONED
          const pause = Math.min(delayBefore(tries, policy['errors.retry.delay.max.ms']), deadline - now())
          log.debug(`Trying ${stage} with ${executing} again in ${pause} ms`, error)
          await wait(Math.max(pause, 0), stopping)
          if (stopping.aborted) return ABANDONED
          meter.error('total-retries')
          continue
        }
        const room = judge({ stage, executing, error, origin })
        // after a stop offsets wait for the report, not the loop
        if (room !== undefined) await orAborted(room, stopping, undefined)
        return DROPPED
      }
    },
  }
}

/** 300 ms, doubled each time; beyond the maximum a random pause below it. */
function delayBefore(tries: number, max: number): number {
  const doubled = FIRST_DELAY_MS * 2 ** (tries - 1)
  return doubled > max ? Math.floor(Math.random() * max) : doubled
}

/** Plugins ask for another attempt with this error alone, as in Java. */
export const asksForRetry = (error: unknown): boolean => codeOf(error) === 'retriable'

/** Where Kafka is asked, what its own table calls retriable is tried again too. */
export const isRetriable = (error: unknown): boolean =>
  codeOf(error) === 'retriable' ||
  (codeOf(error) === 'kafka' && (error as { retriable?: unknown }).retriable === true)

export const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
