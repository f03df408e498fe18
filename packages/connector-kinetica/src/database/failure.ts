import { ConnectError, type ErrorCode } from '@isthmus/sdk'

/**
 * Why the database has not done what it was asked:
 *
 * | reason | what happened | another try |
 * |---|---|---|
 * | unreachable | no connection, none any more, or no answer in time: what was asked may have been done | helps |
 * | unavailable | it answers that it cannot now: HTTP 5xx, offline, shutting down | helps |
 * | unauthorized | HTTP 401 or 403: the credentials are wrong, or may not do this; or a certificate does not prove who answers | does not |
 * | refused | it understood, and says no: a table that is not there, a row that does not fit | does not |
 * | unintelligible | what answers is no Kinetica, or one that speaks otherwise | does not |
 * | too-large | the answer is larger than what is taken | does not; asking for less may |
 */
const codes = {
  unreachable: 'retriable',
  unavailable: 'retriable',
  unauthorized: 'connect',
  refused: 'connect',
  unintelligible: 'connect',
  'too-large': 'connect',
} as const satisfies { readonly [reason: string]: ErrorCode }

export type FailureReason = keyof typeof codes

class DatabaseFailure extends ConnectError {
  readonly reason: FailureReason

  constructor(reason: FailureReason, message: string, options?: { cause?: unknown }) {
    super(codes[reason], message, options)
    this.reason = reason
  }
}

export const failure = (
  reason: FailureReason,
  message: string,
  options?: { cause?: unknown },
): ConnectError => new DatabaseFailure(reason, message, options)

/** Why a call has failed; `undefined` for whatever was not thrown by a call. */
export const reasonOf = (error: unknown): FailureReason | undefined =>
  error instanceof DatabaseFailure ? error.reason : undefined

/** Words by which the database says, in an answer of status ERROR, that it cannot serve now. */
const UNAVAILABLE =
  /System is offline|Kinetica is (?:exiting|offline)|System shutting down|system-limited-fatal|Connection (?:refused|reset)|Draining HA queue|Query planner is not running/

/** What an answer of status ERROR means. */
export const reasonOfRefusal = (httpStatus: number, message: string): FailureReason =>
  httpStatus >= 500 || UNAVAILABLE.test(message) ? 'unavailable' : 'refused'

const MOST_SHOWN = 2000

/** What the database says, in part where it is long: it goes into logs and states. */
export const shownReason = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text || 'it does not say why'
