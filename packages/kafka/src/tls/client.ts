import type { ConnectionOptions } from 'node:tls'
import { securityOptions } from '../properties/client.ts'
import type { ClientProps } from '../properties/types.ts'
import { tlsSettings } from './settings.ts'

/** What an HTTPS client connects with, from the same `ssl.*` properties as a Kafka client's. Throws CONFIG. */
export async function clientTls(props: ClientProps): Promise<ConnectionOptions> {
  const { options, checkHost } = await tlsSettings(securityOptions(props))
  return checkHost ? options : { ...options, checkServerIdentity: () => undefined }
}
