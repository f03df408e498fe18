import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { type Mechanism, refused } from './mechanism.ts'

const derive = promisify(pbkdf2)
const MIN_ITERATIONS = 4096
/** A server that asks for more wants our time, not our proof: Kafka itself stops at 16384. */
const MAX_ITERATIONS = 1_000_000

export interface ScramOptions {
  /** Of a delegation token instead of a user's password. */
  readonly tokenAuth?: boolean
  /** Fixed by tests with known answers. */
  readonly nonce?: string
}

/** RFC 5802 and 7677: proves the password without sending it, and that the server knows it. */
export function scram(
  hash: 'sha256' | 'sha512',
  username: string,
  password: string,
  options: ScramOptions = {},
): Mechanism {
  const name = hash === 'sha256' ? 'SCRAM-SHA-256' : 'SCRAM-SHA-512'
  const size = hash === 'sha256' ? 32 : 64
  const hmac = (key: Buffer, data: string | Buffer) => createHmac(hash, key).update(data).digest()

  function begin() {
    const nonce = options.nonce ?? randomBytes(24).toString('base64url')
    const user = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
    const firstBare = `n=${user},r=${nonce}${options.tokenAuth ? ',tokenauth=true' : ''}`
    let serverSignature: Buffer | null = null

    async function proof(serverFirst: string): Promise<Buffer> {
      const { r = '', s = '', i = '', e } = attributesOf(serverFirst)
      if (e !== undefined) throw refused(`${name} was refused: ${e}`)
      if (!r.startsWith(nonce) || r.length === nonce.length)
        throw refused('Invalid server nonce: does not start with client nonce')
      const iterations = /^\d{1,9}$/.test(i) ? Number(i) : 0
      if (iterations < MIN_ITERATIONS)
        throw refused(`Requested iterations ${i} is less than the minimum ${MIN_ITERATIONS} for ${name}`)
      if (iterations > MAX_ITERATIONS) throw refused(`Requested iterations ${i} is more than can be done`)
      const salted = await derive(password, Buffer.from(s, 'base64'), iterations, size, hash)
      const withoutProof = `c=biws,r=${r}`
      const message = `${firstBare},${serverFirst},${withoutProof}`
      const clientKey = hmac(salted, 'Client Key')
      const signature = hmac(createHash(hash).update(clientKey).digest(), message)
      for (let at = 0; at < size; at++) clientKey[at] = (clientKey[at] as number) ^ (signature[at] as number)
      serverSignature = hmac(hmac(salted, 'Server Key'), message)
      return Buffer.from(`${withoutProof},p=${clientKey.toString('base64')}`)
    }
    function verify(expected: Buffer, serverFinal: string): null {
      const { v = '', e } = attributesOf(serverFinal)
      if (e !== undefined) throw refused(`${name} was refused: ${e}`)
      const given = Buffer.from(v, 'base64')
      if (given.length !== expected.length || !timingSafeEqual(given, expected))
        throw refused('Invalid server signature in server final message')
      return null
    }

    return {
      first: async () => Buffer.from(`n,,${firstBare}`),
      answer: async (challenge: Buffer) =>
        serverSignature === null
          ? proof(challenge.toString())
          : verify(serverSignature, challenge.toString()),
    }
  }
  return { name, begin }
}

function attributesOf(message: string): { [key: string]: string } {
  const attributes: Record<string, string> = {}
  for (const part of message.split(',')) {
    if (part[1] === '=') attributes[part[0] as string] = part.slice(2)
  }
  return attributes
}
