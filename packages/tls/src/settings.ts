import type { ConnectionOptions, TlsOptions } from 'node:tls'
import { TlsConfigError } from './errors.ts'
import type { SslOptions } from './options.ts'

// the code that reads keys and certificates is only loaded by who has some

/** What clients connect with, all of them in one context: made once and kept. Throws `TlsConfigError`. */
export async function clientTls(options: SslOptions): Promise<ConnectionOptions> {
  const checkHost = options['ssl.endpoint.identification.algorithm'].toLowerCase()
  if (checkHost !== '' && checkHost !== 'https')
    throw new TlsConfigError(
      `Invalid value ${checkHost} for configuration ssl.endpoint.identification.algorithm: https, or empty for no check`,
    )
  const { clientContext } = await import('./material.ts')
  const secureContext = await clientContext(options)
  const withoutCheck = checkHost === '' ? { checkServerIdentity: () => undefined } : {}
  return { secureContext, rejectUnauthorized: true, ...withoutCheck }
}

/** What a server is opened with: a certificate of its own, and what `ssl.client.auth` says. Throws `TlsConfigError`. */
export async function serverTls(options: SslOptions): Promise<TlsOptions> {
  const auth = options['ssl.client.auth'].toLowerCase()
  const { tlsMaterial } = await import('./material.ts')
  const material = await tlsMaterial(options)
  if (material.key === undefined)
    throw new TlsConfigError('ssl.keystore.location is missing: a server needs a certificate of its own')
  return { ...material, requestCert: auth !== 'none', rejectUnauthorized: auth === 'required' }
}
