import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { AuthenticationError, type Exchange, type SaslOptions } from './sasl.ts'

const ITERATIONS = 4096

/** RFC 5802, without channel binding. */
export function scramExchange(
  mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
  { users = {} }: SaslOptions,
): Exchange {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512'
  const keyLength = hash === 'sha256' ? 32 : 64
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  const invalid = () =>
    new AuthenticationError(
      `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`,
    )
  let first: { user: string; bare: string; reply: string; salted: Buffer; nonce: string } | null = null

  return (token) => (first === null ? greet(token.toString()) : prove(token.toString(), first))

  function greet(message: string) {
    const match = /^n,(?:a=[^,]*)?,(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(message)
    if (!match) throw new AuthenticationError('Invalid SCRAM client first message')
    const [, bare, name, clientNonce] = match as unknown as [string, string, string, string]
    const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=')
    const password = Object.hasOwn(users, user) ? users[user] : undefined
    if (password === undefined) throw invalid()
    const salt = randomBytes(24)
    const salted = pbkdf2Sync(password, salt, ITERATIONS, keyLength, hash)
    const nonce = clientNonce + randomBytes(18).toString('base64url')
    const reply = `r=${nonce},s=${salt.toString('base64')},i=${ITERATIONS}`
    first = { user, bare, reply, salted, nonce }
    return { reply: Buffer.from(reply) }
  }

  function prove(message: string, { user, bare, reply, salted, nonce }: NonNullable<typeof first>) {
    const match = /^((?:c=[^,]*),r=([^,]+)(?:,.*)?),p=([^,]+)$/.exec(message)
    if (!match) throw new AuthenticationError('Invalid SCRAM client final message')
    const [, withoutProof, clientNonce, proof] = match as unknown as [string, string, string, string]
    if (clientNonce !== nonce) throw new AuthenticationError('Invalid client nonce in SCRAM final message')
    const signed = `${bare},${reply},${withoutProof}`
    const storedKey = createHash(hash).update(hmac(salted, 'Client Key')).digest()
    const signature = hmac(storedKey, signed)
    const clientKey = Buffer.from(proof, 'base64')
    if (clientKey.length !== keyLength) throw invalid()
    for (let i = 0; i < keyLength; i++) clientKey[i] = (clientKey[i] as number) ^ (signature[i] as number)
    if (!timingSafeEqual(createHash(hash).update(clientKey).digest(), storedKey)) throw invalid()
    const verifier = hmac(hmac(salted, 'Server Key'), signed).toString('base64')
    return { reply: Buffer.from(`v=${verifier}`), identity: { user } }
  }
}
