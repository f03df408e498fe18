import type { Logger } from '@isthmus/runtime'

interface Thrown {
  readonly message?: unknown
  readonly code?: unknown
  readonly cause?: unknown
}
const CAUSES_MAX = 10

/** What went wrong in one line, causes included: for errors that tell a user what to do, not a developer where. */
export function explain(error: unknown): string {
  const messages: string[] = []
  for (let at: unknown = error, depth = 0; at !== undefined && at !== null && depth < CAUSES_MAX; depth++) {
    const message = messageOf(at)
    if (message !== '' && !messages.some((known) => known.includes(message))) messages.push(message)
    at = typeof at === 'object' ? (at as Thrown).cause : undefined
  }
  return messages.join(': ')
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null ? (error as Thrown).message : undefined
  if (typeof message !== 'string') return String(error)
  return message === '' && error instanceof AggregateError
    ? error.errors.map((each) => messageOf(each)).join(', ')
    : message
}

/** Whether the message is meant for users: errors with a code are; anything else is a fault of ours, and its stack is wanted. */
export const isExpected = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && typeof (error as Thrown).code === 'string'

/** What is said of an error: one line of what the user can mend, the trace of what surprises. */
export const told = (error: unknown): string =>
  isExpected(error) || !(error instanceof Error) ? explain(error) : (error.stack ?? explain(error))

/** Says so in the log. */
export function report(logger: Logger, what: string, error: unknown): void {
  if (isExpected(error)) logger.error(`${what}: ${explain(error)}`)
  else logger.error(what, error)
}
