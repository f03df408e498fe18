/** The key with which workers sign the requests between them (KIP-507), and what is signed and verified with it. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ConnectError } from '@isthmus/sdk'

export const SIGNATURE_HEADER = 'X-Connect-Authorization'
export const ALGORITHM_HEADER = 'X-Connect-Request-Signature-Algorithm'

/** Names as the JVM has them, with the hash and the default size of a key in bytes, as the JVM's key generators have it. */
const ALGORITHMS: { readonly [name: string]: { readonly hash: string; readonly keyBytes: number } } = {
  hmacmd5: { hash: 'md5', keyBytes: 64 },
  hmacsha1: { hash: 'sha1', keyBytes: 64 },
  hmacsha224: { hash: 'sha224', keyBytes: 28 },
  hmacsha256: { hash: 'sha256', keyBytes: 32 },
  hmacsha384: { hash: 'sha384', keyBytes: 48 },
  hmacsha512: { hash: 'sha512', keyBytes: 64 },
}

export const isKnownAlgorithm = (name: string): boolean => Object.hasOwn(ALGORITHMS, name.toLowerCase())

function algorithmOf(name: string) {
  const found = ALGORITHMS[name.toLowerCase()]
  if (found === undefined)
    throw new ConnectError(
      'config',
      `Unknown algorithm ${name}; known are ${Object.values(ALGORITHMS)
        .map(({ hash }) => `Hmac${hash.toUpperCase()}`)
        .join(', ')}`,
    )
  return found
}

/** A new key of `inter.worker.key.generation.algorithm` and `inter.worker.key.size` (bits; null: the algorithm's own). */
export function generateKey(algorithm: string, sizeBits: number | null): Uint8Array {
  return randomBytes(sizeBits === null ? algorithmOf(algorithm).keyBytes : Math.ceil(sizeBits / 8))
}

/** The header of a request whose body is exactly these bytes. */
export function signatureOf(key: Uint8Array, algorithm: string, body: Uint8Array): string {
  return createHmac(algorithmOf(algorithm).hash, key).update(body).digest('base64')
}

/** Takes as long for a wrong signature as for the right one. */
export function isSignatureOf(
  key: Uint8Array,
  algorithm: string,
  body: Uint8Array,
  signature: string,
): boolean {
  const expected = createHmac(algorithmOf(algorithm).hash, key).update(body).digest()
  const given = Buffer.from(signature, 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
