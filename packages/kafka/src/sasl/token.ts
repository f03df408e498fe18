import { readFile } from 'node:fs/promises'
import { KafkaError } from '../errors.ts'
import { delay } from '../waiting.ts'
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

/** From a file that somebody else renews: read anew each time. */
export async function tokenFromFile(path: string): Promise<Token> {
  try {
    return tokenOf((await readFile(path, 'utf8')).trim())
  } catch (error) {
    throw new KafkaError('CONFIG', `Token file ${path} cannot be read: ${(error as Error).message}`, {
      cause: error,
    })
  }
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
  const { url, scope } = endpoint
  const encoded = endpoint.urlEncodeHeader ? encodeURIComponent : (text: string) => text
  const credentials = `${encoded(endpoint.clientId)}:${encoded(endpoint.clientSecret)}`
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) })
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
        accept: 'application/json',
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(endpoint.timeoutMs),
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    const cause = (error as Error).cause ?? error
    const message = `Token endpoint ${url} cannot be reached: ${(cause as Error).message}`
    throw new KafkaError('DISCONNECTED', message, { cause: error })
  }
  if (status === 429 || status >= 500)
    throw new KafkaError('DISCONNECTED', `Token endpoint ${url} answered with status ${status}`)
  if (status !== 200)
    throw refused(`Token endpoint ${url} answered with status ${status}: ${text.slice(0, 200)}`)
  return tokenIn(text, url)
}
function tokenIn(text: string, url: string): Token {
  try {
    const { access_token, expires_in } = JSON.parse(text) as { access_token?: unknown; expires_in?: unknown }
    if (typeof access_token === 'string' && access_token !== '')
      return tokenOf(access_token, typeof expires_in === 'number' ? expires_in : undefined)
  } catch {
    // said below
  }
  throw refused(`Token endpoint ${url} answered without an access_token`)
}
