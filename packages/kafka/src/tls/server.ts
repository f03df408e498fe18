import type { TlsOptions } from 'node:tls'
import { securityOptions } from '../properties/client.ts'
import type { ClientProps } from '../properties/types.ts'
import { tlsMaterial } from './settings.ts'

/** What an HTTPS server is opened with, from the same `ssl.*` properties as a client's, and `ssl.client.auth`. Throws CONFIG. */
export async function serverTls(props: ClientProps): Promise<TlsOptions> {
  const auth = (props['ssl.client.auth'] ?? 'none').trim().toLowerCase()
  const material = await tlsMaterial(securityOptions(props), { ownRequired: true })
  return { ...material, requestCert: auth !== 'none', rejectUnauthorized: auth === 'required' }
}
