import type { ErrorMessage } from '@isthmus/rest-api'
import { codeOf, errorTable } from '@isthmus/sdk'

/** A refusal of the HTTP layer itself, with the status it answers. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const REASONS: { readonly [status: number]: string } = {
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
}

/** In the words of Java's JAX-RS: `HTTP 404 Not Found`. */
export const refusal = (status: number): HttpError =>
  new HttpError(status, `HTTP ${status} ${REASONS[status] ?? ''}`.trimEnd())

/** What a failure answers: the body of every error of the API. */
export function failureOf(error: unknown): ErrorMessage {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof HttpError) return { error_code: error.status, message }
  const code = codeOf(error)
  return { error_code: code === undefined ? 500 : errorTable[code].status, message }
}
