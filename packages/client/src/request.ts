/** What a worker refused, with its own words. */
export class RequestError extends Error {
  override name = 'RequestError'
  readonly status: number
  /** The worker's, which is the status in all but odd cases; null when the answer was not the worker's JSON. */
  readonly error_code: number | null

  constructor(status: number, errorCode: number | null, message: string) {
    super(message)
    this.status = status
    this.error_code = errorCode
  }
}

export interface ClientOptions {
  /** Of any worker of the group, for instance `http://localhost:8083`. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Instead of the global one. */
  readonly fetch?: typeof fetch
  /** For each request; 95 s when absent, a little longer than workers take at most. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 95_000

export interface Answered<T> {
  readonly status: number
  readonly body: T
}
export type Send = <T>(
  method: string,
  path: string,
  options?: { readonly query?: readonly (readonly [string, string])[]; readonly body?: unknown },
) => Promise<Answered<T>>

/** Throws a RequestError for every answer from 400 on; what `fetch` itself throws passes. */
export function openSend(options: ClientOptions): Send {
  const { url, username, password, timeoutMs = TIMEOUT_MS } = options
  const send = options.fetch ?? fetch
  const base = url.replace(/\/+$/, '')
  const headers: { [name: string]: string } = { accept: 'application/json' }
  if (username !== undefined) headers['authorization'] = `Basic ${base64(`${username}:${password ?? ''}`)}`
  return async <T>(method: string, path: string, { query, body }: Parameters<Send>[2] = {}) => {
    const search =
      query === undefined || query.length === 0
        ? ''
        : `?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value]))}`
    const response = await send(`${base}${path}${search}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: textOf(body) }),
    })
    const text = await response.text()
    if (response.status >= 400) throw errorOf(response.status, text)
    return { status: response.status, body: (text === '' ? undefined : parsed(text)) as T }
  }
}

function errorOf(status: number, text: string): RequestError {
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: unknown; message?: unknown }
    return new RequestError(
      status,
      typeof error_code === 'number' ? error_code : null,
      typeof message === 'string' ? message : text,
    )
  } catch {
    return new RequestError(status, null, text === '' ? `HTTP ${status}` : text)
  }
}

// newer than the type definitions of the library
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** Whole numbers that no number holds exactly are bigints, both ways: offsets have 64 bits. */
const parsed = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value,
  )
const textOf = (body: unknown): string =>
  JSON.stringify(body, (_key, value: unknown) => (typeof value === 'bigint' ? rawJSON(String(value)) : value))

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)))
