import assert from 'node:assert/strict'
import { codeOf } from '@isthmus/sdk'

/** The value of what settles within `ms`; fails with `what` did not happen where it does not settle. */
export async function within<T>(ms: number, what: string, work: T | PromiseLike<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new assert.AssertionError({ message: `${ms} ms went by before ${what}` })),
    ms,
  )
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What it fails with; null where it does not. */
export async function failureOf(work: () => unknown): Promise<{ readonly error: unknown } | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    return { error }
  }
}

/** It may fail, but as bad data: any other error ends a task whatever `errors.tolerance` says. */
export async function orBadData(what: string, work: () => unknown): Promise<void> {
  const failure = await failureOf(work)
  if (failure !== null)
    assert.equal(
      codeOf(failure.error),
      'data',
      `${what} ends with an error that is not \`dataError(…)\`: ${failure.error}`,
    )
}

/** The connector has found what is wrong, and has not stumbled over it: it says so by an error of its own, which no second try would spare. */
export function assertRefusal(what: string, error: unknown): void {
  assert.ok(
    REFUSALS.includes(codeOf(error)),
    `${what} ends with an error that is neither \`dataError(…)\` nor \`new ConnectError('connect', …)\`: ${error}`,
  )
}
const REFUSALS: readonly unknown[] = ['data', 'connect']

/** It may fail with what may be tried again, and with nothing else; answers whether it did. */
export async function orRetriable(what: string, work: () => unknown): Promise<boolean> {
  const failure = await failureOf(work)
  if (failure !== null)
    assert.equal(
      codeOf(failure.error),
      'retriable',
      `${what} ends with an error that is not \`retriable(…)\`: ${failure.error}`,
    )
  return failure !== null
}

/** A value as a text, the same for equal values. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}n` : item)) ?? String(value)

/** A text of what a message is about. */
export const show = (value: unknown): string => textOf(value).slice(0, SHOWN)
const SHOWN = 300
