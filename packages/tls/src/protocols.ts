import type { SecureVersion } from 'node:tls'
import { TlsConfigError } from './errors.ts'

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']

/** The range of versions that `ssl.enabled.protocols` names; throws `TlsConfigError`. */
export function versionsOf(names: readonly string[]): {
  minVersion: SecureVersion
  maxVersion: SecureVersion
} {
  const chosen = VERSIONS.filter((version) => names.includes(version))
  const unknown = names.find((name) => !VERSIONS.includes(name as SecureVersion))
  const [minVersion] = chosen
  const maxVersion = chosen.at(-1)
  if (unknown !== undefined || minVersion === undefined || maxVersion === undefined)
    throw new TlsConfigError(
      `Invalid value ${unknown ?? ''} for configuration ssl.enabled.protocols: String must be one of: ${VERSIONS.join(', ')}`,
    )
  return { minVersion, maxVersion }
}

/** Java's names of cipher suites as OpenSSL spells them. */
export function ciphersOf(suites: readonly string[]): { ciphers?: string } {
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
