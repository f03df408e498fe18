import type { ConnectionOptions } from 'node:tls'

/** What `node:tls` is given for each connection. */
export interface TlsSettings {
  readonly options: ConnectionOptions
  /** Whether the certificate must name the host that was asked for. */
  readonly checkHost: boolean
}
