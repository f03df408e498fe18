import { ConnectError } from '@isthmus/sdk'

/** A `not-leader` error that knows which worker can do what was asked: the REST layer forwards the request there. */
export interface Forward extends ConnectError {
  /** URL of that worker, with a slash at its end; empty when it is not known. */
  readonly url: string
}

export const forwardTo = (url: string, message: string): Forward =>
  Object.assign(new ConnectError('not-leader', message), { url })

/** The URL in an error of that kind; null for any other. */
export function forwardUrl(error: unknown): string | null {
  const { code, url } = (error ?? {}) as { code?: unknown; url?: unknown }
  return code === 'not-leader' && typeof url === 'string' ? url : null
}
