import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { TlsConfigError } from './errors.ts'
import { decryptionProblem } from './key-encryption.ts'
import type { SslOptions } from './options.ts'
import { ciphersOf, versionsOf } from './protocols.ts'
import type { Contents } from './store.ts'
import { readPem, readStore } from './stores.ts'

/** One context for all connections of a client. */
export async function clientContext(ssl: SslOptions): Promise<SecureContext> {
  const material = await tlsMaterial(ssl)
  try {
    return createSecureContext(material)
  } catch (error) {
    throw unusable('ssl', error)
  }
}

/** Keys, certificates and protocols as Node takes them, for clients and servers. Throws `TlsConfigError`. */
export async function tlsMaterial(ssl: SslOptions): Promise<SecureContextOptions> {
  const trust = await trustOf(ssl)
  const own = await ownOf(ssl)
  const passphrase = ssl['ssl.key.password']
  if (own) checkPair(own, passphrase)
  return {
    ...versionsOf(ssl['ssl.enabled.protocols']),
    ...ciphersOf(ssl['ssl.cipher.suites']),
    ...(trust ? { ca: [...trust.trusted] } : {}),
    ...(own?.key
      ? { key: own.key, cert: own.chain.join(''), ...(passphrase === null ? {} : { passphrase }) }
      : {}),
  }
}

async function trustOf(ssl: SslOptions): Promise<Contents | null> {
  const inline = ssl['ssl.truststore.certificates']
  const location = ssl['ssl.truststore.location']
  const name = 'ssl.truststore'
  const password = ssl['ssl.truststore.password']
  if (inline !== null) {
    mustBePem(ssl['ssl.truststore.type'], name, 'certificates')
    return readPem(inline, { name: `${name}.certificates`, password })
  }
  // none: the authorities that Node trusts
  if (location === null) return null
  const type = ssl['ssl.truststore.type']
  const store = await readStore({ name, type, location, password, keyPassword: null })
  if (store.trusted.length > 0) return store
  throw new TlsConfigError(`${name}.location ${location} holds no trusted certificates`)
}
async function ownOf(ssl: SslOptions): Promise<Contents | null> {
  const key = ssl['ssl.keystore.key']
  const chain = ssl['ssl.keystore.certificate.chain']
  const location = ssl['ssl.keystore.location']
  const password = ssl['ssl.keystore.password']
  const name = 'ssl.keystore'
  if (key !== null || chain !== null) {
    mustBePem(ssl['ssl.keystore.type'], name, key === null ? 'certificate.chain' : 'key')
    if (key === null || chain === null)
      throw new TlsConfigError('ssl.keystore.key and ssl.keystore.certificate.chain must be given together')
    return readPem(`${key}\n${chain}`, { name: `${name}.key`, password })
  }
  if (location === null) return null
  const type = ssl['ssl.keystore.type']
  const keyPassword = ssl['ssl.key.password']
  const store = await readStore({ name, type, location, password, keyPassword })
  if (store.key !== null && store.chain.length > 0) return store
  throw new TlsConfigError(`${name}.location ${location} holds no private key with its certificate`)
}
/** A key of another kind than the certificate's would only show as the other side's refusal. */
function checkPair({ key, chain }: Contents, passphrase: string | null): void {
  const problem = decryptionProblem(key ?? '')
  if (problem !== null)
    throw new TlsConfigError(`The ssl.keystore.* configuration cannot be used: ${problem}`)
  let belongs: boolean
  try {
    const privateKey = createPrivateKey({ key: key ?? '', ...(passphrase === null ? {} : { passphrase }) })
    belongs = new X509Certificate(chain[0] ?? '').checkPrivateKey(privateKey)
  } catch (error) {
    throw unusable('ssl.keystore', error)
  }
  if (!belongs)
    throw new TlsConfigError('The private key of ssl.keystore.* does not belong to its certificate')
}
function unusable(prefix: string, cause: unknown): TlsConfigError {
  const { message } = cause as Error
  const problem = /bad decrypt|bad_password|password read|passphrase|interrupted or cancelled/i.test(message)
    ? 'ssl.key.password does not open the private key'
    : message
  return new TlsConfigError(`The ${prefix}.* configuration cannot be used: ${problem}`, { cause })
}
function mustBePem(type: string, name: string, part: string): void {
  if (type.toUpperCase() !== 'PEM')
    throw new TlsConfigError(`${name}.${part} is for ${name}.type=PEM, which is ${type}`)
}
