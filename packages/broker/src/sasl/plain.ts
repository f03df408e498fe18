import { timingSafeEqual } from 'node:crypto'
import { AuthenticationError, type Exchange, type SaslOptions } from './sasl.ts'

/** RFC 4616. */
export function plainExchange({ users = {} }: SaslOptions): Exchange {
  return (token) => {
    const parts = token.toString().split('\0')
    if (parts.length !== 3)
      throw new AuthenticationError(`Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`)
    const [authorizationId, user, password] = parts as [string, string, string]
    if (user === '') throw new AuthenticationError('Authentication failed: username not specified')
    const expected = Object.hasOwn(users, user) ? users[user] : undefined
    if (expected === undefined || !equal(password, expected))
      throw new AuthenticationError('Authentication failed: Invalid username or password')
    if (authorizationId !== '' && authorizationId !== user)
      throw new AuthenticationError(
        'Authentication failed: Client requested an authorization id that is different from username',
      )
    return { reply: Buffer.alloc(0), identity: { user } }
  }
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
