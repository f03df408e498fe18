import { type Element, elementAt } from './der.ts'
import { pemBlocks } from './pem.ts'

/** Rounds of deriving a key from its password, half a second or two of one core. OpenSSL writes 2,048, keytool 10,000. */
const MAX_ROUNDS = 1_000_000
const SCRYPT = Buffer.from('06092b06010401da47040b', 'hex')
const [INTEGER, CONSTRUCTED] = [0x02, 0x20]
const MAX_DEPTH = 8

/**
 * What keeps a private key from being decrypted in a time that can be waited for; null: nothing. It is done in one go, where heartbeats
 * live, and whoever configures a connector chooses the key: two thousand million rounds are an hour of silence.
 */
export function decryptionProblem(key: string): string | null {
  const [block] = pemBlocks(key)
  if (block?.label !== 'ENCRYPTED PRIVATE KEY') return null
  const der = Buffer.from(block.pem.replace(/^-.*$/gm, ''), 'base64')
  // SEQUENCE { algorithm, octets }: the octets are not looked into
  const outer = elementAt(der, 0)
  const algorithm = outer && elementAt(der, outer.begin)
  if (!algorithm) return 'the private key is not in DER'
  if (der.subarray(0, algorithm.end).includes(SCRYPT)) return 'the private key is encrypted by scrypt'
  return problemIn(der, algorithm, 0)
}

function problemIn(der: Buffer, { tag, begin, end }: Element, depth: number): string | null {
  if (tag === INTEGER) {
    const value = BigInt(`0x${der.toString('hex', begin, end) || '0'}`)
    return value > MAX_ROUNDS ? `the private key is encrypted with more than ${MAX_ROUNDS} rounds` : null
  }
  if ((tag & CONSTRUCTED) === 0) return null
  let at = begin
  while (at < end) {
    const inner = elementAt(der, at)
    if (!inner || inner.end > end || depth === MAX_DEPTH) return 'the private key is not in DER'
    const problem = problemIn(der, inner, depth + 1)
    if (problem !== null) return problem
    at = inner.end
  }
  return null
}
