import { TlsConfigError } from './errors.ts'

/** Java's `SslConfigs`, under their names on file; null: not given. */
export interface SslOptions {
  readonly 'ssl.truststore.type': string
  readonly 'ssl.truststore.location': string | null
  readonly 'ssl.truststore.password': string | null
  readonly 'ssl.truststore.certificates': string | null
  readonly 'ssl.keystore.type': string
  readonly 'ssl.keystore.location': string | null
  readonly 'ssl.keystore.password': string | null
  readonly 'ssl.keystore.key': string | null
  readonly 'ssl.keystore.certificate.chain': string | null
  readonly 'ssl.key.password': string | null
  readonly 'ssl.endpoint.identification.algorithm': string
  readonly 'ssl.enabled.protocols': readonly string[]
  readonly 'ssl.cipher.suites': readonly string[]
  /** Of a server: whether it asks for certificates. */
  readonly 'ssl.client.auth': string
}

/** The `ssl.*` properties among others, as texts of a `.properties` file. Throws `TlsConfigError`. */
export function sslOptions(props: { readonly [name: string]: string }): SslOptions {
  const text = <F extends string | null>(name: keyof SslOptions, fallback: F): string | F =>
    props[name]?.trim() ?? fallback
  const list = (name: keyof SslOptions, fallback: readonly string[]): readonly string[] => {
    const given = text(name, null)
    if (given === null) return fallback
    const entries = given === '' ? [] : given.split(',').map((entry) => entry.trim())
    if (entries.includes('')) throw new TlsConfigError(`Configuration '${name}' values must not be empty.`)
    return entries
  }
  return {
    'ssl.truststore.type': text('ssl.truststore.type', 'JKS'),
    'ssl.truststore.location': text('ssl.truststore.location', null),
    'ssl.truststore.password': text('ssl.truststore.password', null),
    'ssl.truststore.certificates': text('ssl.truststore.certificates', null),
    'ssl.keystore.type': text('ssl.keystore.type', 'JKS'),
    'ssl.keystore.location': text('ssl.keystore.location', null),
    'ssl.keystore.password': text('ssl.keystore.password', null),
    'ssl.keystore.key': text('ssl.keystore.key', null),
    'ssl.keystore.certificate.chain': text('ssl.keystore.certificate.chain', null),
    'ssl.key.password': text('ssl.key.password', null),
    'ssl.endpoint.identification.algorithm': text('ssl.endpoint.identification.algorithm', 'https'),
    'ssl.enabled.protocols': list('ssl.enabled.protocols', ['TLSv1.2', 'TLSv1.3']),
    'ssl.cipher.suites': list('ssl.cipher.suites', []),
    'ssl.client.auth': text('ssl.client.auth', 'none'),
  }
}
