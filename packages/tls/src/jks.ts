import { createHash } from 'node:crypto'
import { elementAt } from './der.ts'
import { toPem } from './pem.ts'
import { type Contents, StoreProblem } from './store.ts'

export const JKS_MAGIC = 0xfeedfeed
const JCEKS_MAGIC = 0xcececece

/** Java's own key store format: certificates in the clear, keys under a keystream of SHA-1, all under a digest with the password. */
export function readJks(store: Buffer, password: string | null, keyPassword: string | null): Contents {
  if (store.readUInt32BE() === JCEKS_MAGIC) throw new StoreProblem('stores of type JCEKS are not supported')
  if (password !== null && !isIntact(store, password))
    throw new StoreProblem('the password is wrong, or the store was tampered with')
  const content = contentReader(store.subarray(4, -20))
  const version = content.int32()
  if (version !== 2) throw new StoreProblem(`version ${version} of JKS is not supported`)
  const trusted: string[] = []
  let key: string | null = null
  let chain: string[] = []
  const certificate = () => {
    content.text()
    return toPem('CERTIFICATE', content.block().toString('base64'))
  }
  for (let count = content.int32(); count > 0; count--) {
    const tag = content.int32()
    content.text()
    content.skip(TIMESTAMP)
    if (tag === 2) {
      trusted.push(certificate())
      continue
    }
    if (tag !== 1) throw new StoreProblem(`an entry of unknown kind ${tag}`)
    const sealed = content.block()
    const certificates: string[] = []
    for (let n = content.int32(); n > 0; n--) certificates.push(certificate())
    if (key === null) {
      key = toPem('PRIVATE KEY', unseal(sealed, keyPassword ?? password ?? '').toString('base64'))
      chain = certificates
    }
  }
  return { key, chain, trusted }
}

const TIMESTAMP = 8

/** Java's `DataInputStream` over bytes. Throws `RangeError` where they end before what is asked for. */
function contentReader(bytes: Buffer) {
  let at = 0
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw new RangeError('the store ends in the middle')
    at += length
    return bytes.subarray(at - length, at)
  }
  const int32 = () => take(4).readInt32BE()
  return {
    int32,
    skip: take,
    /** Its length in two bytes. */
    text: () => take(take(2).readUInt16BE()),
    /** Its length in four bytes. */
    block: () => take(int32()),
  }
}

const wide = (password: string) => Buffer.from(password, 'utf16le').swap16()
const sha1 = (...parts: readonly (Buffer | string)[]) => {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
function isIntact(store: Buffer, password: string): boolean {
  const content = store.subarray(0, -20)
  return sha1(wide(password), 'Mighty Aphrodite', content).equals(store.subarray(-20))
}

/** EncryptedPrivateKeyInfo whose octets are salt (20), key under the keystream, digest (20). */
function unseal(sealed: Buffer, password: string): Buffer {
  const octets = lastOctetString(sealed)
  const secret = wide(password)
  const encrypted = octets.subarray(20, -20)
  const plain = Buffer.alloc(encrypted.length)
  let stream: Buffer = octets.subarray(0, 20)
  for (let at = 0; at < encrypted.length; at++) {
    if (at % 20 === 0) stream = sha1(secret, stream)
    plain[at] = (encrypted[at] as number) ^ (stream[at % 20] as number)
  }
  if (!sha1(secret, plain).equals(octets.subarray(-20))) throw new StoreProblem('the key password is wrong')
  return plain
}
/** DER: SEQUENCE { SEQUENCE { algorithm }, OCTET STRING }. */
function lastOctetString(der: Buffer): Buffer {
  const outer = elementAt(der, 0)
  const algorithm = outer && elementAt(der, outer.begin)
  const octets = algorithm && elementAt(der, algorithm.end)
  if (!octets) throw new StoreProblem('it is damaged')
  return der.subarray(octets.begin, octets.end)
}
