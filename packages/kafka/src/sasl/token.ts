import { readSmallFile } from '@isthmus/tls'
import { KafkaError } from '../errors.ts'
import { delay, timeLimit } from '../waiting.ts'
import { refused } from './mechanism.ts'

export interface Token {
  readonly value: string
  /** Epoch ms. */
  readonly expiresAt: number | null
}

/** Keeps a token until most of its life is over; while the issuer is away, as long as it is valid at all. */
export function cachedToken(
  retrieve: () => Promise<Token>,
  refresh: { readonly factor: number; readonly jitter: number },
): () => Promise<string> {
  let token: Token | null = null
  let renewAt = 0
  let renewal: Promise<Token> | null = null

  async function renew(): Promise<Token> {
    const fresh = await retrieve()
    const life = fresh.expiresAt === null ? 0 : fresh.expiresAt - Date.now()
    renewAt = Date.now() + life * (refresh.factor + Math.random() * refresh.jitter)
    token = fresh
    return fresh
  }
  return async () => {
    if (token && Date.now() < renewAt) return token.value
    renewal ??= renew().finally(() => {
      renewal = null
    })
    try {
      return (await renewal).value
    } catch (error) {
      if (token?.expiresAt && Date.now() < token.expiresAt) return token.value
      throw error
    }
  }
}

/** The end of a token's life as it says itself, when it is a JWT. */
export function tokenOf(value: string, expiresInSeconds?: number): Token {
  const claims = claimsOf(value)
  const exp = typeof claims['exp'] === 'number' ? claims['exp'] * 1000 : null
  const given = expiresInSeconds === undefined ? null : Date.now() + expiresInSeconds * 1000
  return { value, expiresAt: exp ?? given }
}
function claimsOf(value: string): { readonly [claim: string]: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? (claims as { [claim: string]: unknown }) : {}
  } catch {
    return {}
  }
}

/** No token is longer: neither in a file nor in an answer. */
const MAX_BYTES = 1024 * 1024
/** What RFC 6750 lets a bearer token consist of. Anything else is some other text, which is neither sent nor shown. */
const BEARER = /^[A-Za-z0-9._~+/-]+=*$/

/** From a file that somebody else renews: read anew each time. */
export async function tokenFromFile(path: string): Promise<Token> {
  let text: string
  try {
    text = (await readSmallFile(path, MAX_BYTES)).toString('latin1').trim()
  } catch (error) {
    throw new KafkaError('CONFIG', `Token file ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    })
  }
  if (BEARER.test(text)) return tokenOf(text)
  throw new KafkaError('CONFIG', `Token file ${path} holds no token`)
}

export interface TokenEndpoint {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scope: string | null
  readonly urlEncodeHeader: boolean
  readonly timeoutMs: number
  readonly backoffMs: number
  readonly backoffMaxMs: number
}

/** The client credentials grant (RFC 6749, 4.4). What may pass (network, 429, 5xx) is tried again for `backoffMaxMs`. */
export async function tokenFromEndpoint(endpoint: TokenEndpoint): Promise<Token> {
  const deadline = Date.now() + endpoint.backoffMaxMs
  for (let pause = endpoint.backoffMs; ; pause *= 2) {
    try {
      return await askEndpoint(endpoint)
    } catch (error) {
      if (!(error as KafkaError).retriable || Date.now() + pause > deadline) throw error
    }
    await delay(pause)
  }
}
async function askEndpoint(endpoint: TokenEndpoint): Promise<Token> {
  const { scope } = endpoint
  const encoded = endpoint.urlEncodeHeader ? encodeURIComponent : (text: string) => text
  const credentials = `${encoded(endpoint.clientId)}:${encoded(endpoint.clientSecret)}`
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) })
  const url = new URL(endpoint.url)
  // as in Java they are not sent; fetch would refuse the URL, and show them
  url.username = url.password = ''
  const named = `Token endpoint ${url.origin}${url.pathname}`
  let response: Response
  let text: string | null
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        accept: 'application/json',
      },
      body,
      // neither the credentials nor the worker's place in its network are lent to another address
      redirect: 'error',
      signal: timeLimit(endpoint.timeoutMs),
    })
    text = await boundedText(response)
  } catch (error) {
    const cause = (error as Error).cause ?? error
    const message = `${named} cannot be reached: ${(cause as Error).message}`
    throw new KafkaError('DISCONNECTED', message, { cause: error })
  }
  const { status } = response
  if (status === 429 || status >= 500)
    throw new KafkaError('DISCONNECTED', `${named} answered with status ${status}`)
  const token = status === 200 || status === 201 ? tokenIn(text) : null
  if (token !== null) return token
  // never the answer itself: it may be another service's secret, and a trace has many readers
  const type = response.headers.get('content-type') ?? 'no content type'
  const size = text === null ? `more than ${MAX_BYTES}` : Buffer.byteLength(text)
  const lack = status === 200 || status === 201 ? ' without an access_token' : ''
  throw refused(`${named} answered with status ${status}${lack} (${type.slice(0, 80)}, ${size} bytes)`)
}

/** Null: it is longer than a token can be. */
async function boundedText(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    // leaving the loop ends the connection
    if (length > MAX_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
function tokenIn(text: string | null): Token | null {
  try {
    const { access_token, expires_in } = JSON.parse(text ?? '') as { [field: string]: unknown }
    if (typeof access_token !== 'string' || !BEARER.test(access_token)) return null
    return tokenOf(access_token, typeof expires_in === 'number' ? expires_in : undefined)
  } catch {
    return null
  }
}
