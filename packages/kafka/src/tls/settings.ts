import type { ConnectionOptions, SecureContext, SecureContextOptions, SecureVersion } from 'node:tls'
import { KafkaError } from '../errors.ts'
import type { SecurityOptions } from '../properties/client.ts'
import type { Contents } from './store.ts'

/** What each TLS connection of a client is made with. */
export interface TlsSettings {
  readonly options: ConnectionOptions
  /** Whether the certificate must name the host that was asked for. */
  readonly checkHost: boolean
}

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** Reads key and trust stores and makes one context for all connections. Throws CONFIG. */
export async function tlsSettings(security: SecurityOptions): Promise<TlsSettings> {
  const checkHost = security['ssl.endpoint.identification.algorithm'].toLowerCase()
  if (checkHost !== '' && checkHost !== 'https')
    throw new KafkaError(
      'CONFIG',
      `Invalid value ${checkHost} for configuration ssl.endpoint.identification.algorithm: https, or empty for no check`,
    )
  const material = await tlsMaterial(security)
  const { createSecureContext } = await import('node:tls')
  let secureContext: SecureContext
  try {
    secureContext = createSecureContext(material)
  } catch (error) {
    throw new KafkaError('CONFIG', `The ssl.* configuration cannot be used: ${explain(error as Error)}`, {
      cause: error,
    })
  }
  return { options: { secureContext, rejectUnauthorized: true }, checkHost: checkHost === 'https' }
}

/** Keys, certificates and protocols as Node takes them, for clients and servers. */
export async function tlsMaterial(
  security: SecurityOptions,
  { ownRequired = false } = {},
): Promise<SecureContextOptions> {
  const trust = await trustOf(security)
  const own = await ownOf(security)
  if (ownRequired && !own)
    throw new KafkaError(
      'CONFIG',
      'ssl.keystore.location is missing: a server needs a certificate of its own',
    )
  const passphrase = passphraseOf(security)
  if (own) await checkPair(own, passphrase)
  return {
    ...versionsOf(security['ssl.enabled.protocols']),
    ...ciphersOf(security['ssl.cipher.suites']),
    ...(trust ? { ca: [...trust.trusted] } : {}),
    ...(own?.key
      ? { key: own.key, cert: own.chain.join(''), ...(passphrase === null ? {} : { passphrase }) }
      : {}),
  }
}

const passphraseOf = (security: SecurityOptions) => security['ssl.key.password']
function explain(error: Error): string {
  return /bad decrypt|bad_password|password read|passphrase|interrupted or cancelled/i.test(error.message)
    ? 'ssl.key.password does not open the private key'
    : error.message
}

async function trustOf(security: SecurityOptions): Promise<Contents | null> {
  const inline = security['ssl.truststore.certificates']
  const location = security['ssl.truststore.location']
  const { readPem, readStore } = await import('./stores.ts')
  const name = 'ssl.truststore'
  const password = security['ssl.truststore.password']
  if (inline !== null) {
    mustBePem(security['ssl.truststore.type'], name, 'certificates')
    return readPem(inline, { name: `${name}.certificates`, password })
  }
  // none: the authorities that Node trusts
  if (location === null) return null
  const type = security['ssl.truststore.type']
  const store = await readStore({ name, type, location, password, keyPassword: null })
  if (store.trusted.length > 0) return store
  throw new KafkaError('CONFIG', `${name}.location ${location} holds no trusted certificates`)
}
async function ownOf(security: SecurityOptions): Promise<Contents | null> {
  const key = security['ssl.keystore.key']
  const chain = security['ssl.keystore.certificate.chain']
  const location = security['ssl.keystore.location']
  const password = security['ssl.keystore.password']
  const { readPem, readStore } = await import('./stores.ts')
  const name = 'ssl.keystore'
  if (key !== null || chain !== null) {
    mustBePem(security['ssl.keystore.type'], name, key === null ? 'certificate.chain' : 'key')
    if (key === null || chain === null)
      throw new KafkaError(
        'CONFIG',
        'ssl.keystore.key and ssl.keystore.certificate.chain must be given together',
      )
    return readPem(`${key}\n${chain}`, { name: `${name}.key`, password })
  }
  if (location === null) return null
  const type = security['ssl.keystore.type']
  const keyPassword = security['ssl.key.password']
  const store = await readStore({ name, type, location, password, keyPassword })
  if (store.key !== null && store.chain.length > 0) return store
  throw new KafkaError('CONFIG', `${name}.location ${location} holds no private key with its certificate`)
}
/** A key of another kind than the certificate's would only show as the broker's refusal. */
async function checkPair({ key, chain }: Contents, passphrase: string | null): Promise<void> {
  const { decryptionProblem } = await import('./key-encryption.ts')
  const problem = decryptionProblem(key ?? '')
  if (problem !== null)
    throw new KafkaError('CONFIG', `The ssl.keystore.* configuration cannot be used: ${problem}`)
  const { createPrivateKey, X509Certificate } = await import('node:crypto')
  let belongs: boolean
  try {
    const privateKey = createPrivateKey({ key: key ?? '', ...(passphrase === null ? {} : { passphrase }) })
    belongs = new X509Certificate(chain[0] ?? '').checkPrivateKey(privateKey)
  } catch (error) {
    throw new KafkaError(
      'CONFIG',
      `The ssl.keystore.* configuration cannot be used: ${explain(error as Error)}`,
      {
        cause: error,
      },
    )
  }
  if (!belongs)
    throw new KafkaError('CONFIG', 'The private key of ssl.keystore.* does not belong to its certificate')
}
function mustBePem(type: string, name: string, part: string): void {
  if (type.toUpperCase() !== 'PEM')
    throw new KafkaError('CONFIG', `${name}.${part} is for ${name}.type=PEM, which is ${type}`)
}

function versionsOf(names: readonly string[]): { minVersion: SecureVersion; maxVersion: SecureVersion } {
  const chosen = VERSIONS.filter((version) => names.includes(version))
  const unknown = names.find((name) => !VERSIONS.includes(name as SecureVersion))
  const [minVersion] = chosen
  const maxVersion = chosen.at(-1)
  if (unknown !== undefined || minVersion === undefined || maxVersion === undefined)
    throw new KafkaError(
      'CONFIG',
      `Invalid value ${unknown ?? ''} for configuration ssl.enabled.protocols: String must be one of: ${VERSIONS.join(', ')}`,
    )
  return { minVersion, maxVersion }
}

/** Java's names of cipher suites as OpenSSL spells them. */
function ciphersOf(suites: readonly string[]): { ciphers?: string } {
  if (suites.length === 0) return {}
  return { ciphers: suites.map(opensslName).join(':') }
}
export function opensslName(suite: string): string {
  const match = /^(?:TLS|SSL)_(.+)_WITH_(.+)$/.exec(suite)
  // the suites of TLS 1.3 have one name
  if (!match) return suite
  const [, exchange = '', cipher = ''] = match
  const name = cipher
    .replace(/^AES_(\d+)_/, 'AES$1_')
    .replace(/_CBC_/, '_')
    .replace('CHACHA20_POLY1305_SHA256', 'CHACHA20_POLY1305')
    .replace('3DES_EDE', 'DES_CBC3')
  return `${exchange === 'RSA' ? '' : `${exchange}_`}${name}`.replaceAll('_', '-')
}
