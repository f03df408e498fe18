import { AuthenticationError, type Exchange, type Identity, type SaslOptions } from './sasl.ts'

/** RFC 7628: one message with the token; a refusal is told as JSON first, and the client then gives up. */
export function bearerExchange({ validateToken = unsecured }: SaslOptions, now: () => number): Exchange {
  let refusal: string | null = null
  return async (bytes) => {
    if (refusal !== null) throw new AuthenticationError(refusal)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the mechanism separates its fields by them
    const match = /^n,(?:a=[^,]*)?,\x01(?:.*\x01)?auth=Bearer +([^\x01]+)\x01(?:.*\x01)?\x01$/i.exec(
      bytes.toString(),
    )
    if (!match) throw new AuthenticationError('Invalid OAUTHBEARER client first message')
    try {
      return { reply: Buffer.alloc(0), identity: await validateToken(match[1] as string, now()) }
    } catch (error) {
      refusal = error instanceof Error ? error.message : String(error)
      return { reply: Buffer.from('{"status":"invalid_token"}') }
    }
  }
}

/** A JWS without a signature, as Kafka's own default login makes them: for development only. */
function unsecured(token: string, now: number): Identity {
  const [header, payload, signature] = token.split('.')
  if (header === undefined || payload === undefined || signature !== '')
    throw new AuthenticationError('The token is no unsecured JWS')
  const { alg } = claims(header)
  if (alg !== 'none') throw new AuthenticationError(`The token is signed by '${alg}', but 'none' is expected`)
  const { sub, exp } = claims(payload)
  if (typeof sub !== 'string' || sub === '') throw new AuthenticationError("The token has no claim 'sub'")
  if (typeof exp !== 'number') throw new AuthenticationError("The token has no claim 'exp'")
  if (exp * 1000 <= now) throw new AuthenticationError('The token has expired')
  return { user: sub, expiresAt: exp * 1000 }
}

function claims(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
  if (typeof value !== 'object' || value === null) throw new AuthenticationError('The token is no JWS')
  return value as Record<string, unknown>
}
