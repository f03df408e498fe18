import type { ConnectionOptions } from 'node:tls'
import { clientTls, sslOptions, type TlsConfigError } from '@isthmus/tls'
import { KafkaError } from '../errors.ts'
import { type ClientOptions, saslOptions } from '../properties/client.ts'
import type { ClientProps } from '../properties/types.ts'
import { saslAuthenticator } from '../sasl/authenticator.ts'
import { mechanismOf } from '../sasl/mechanisms.ts'
import type { ConnectionSettings } from './connection.ts'

/** Read and checked only when `security.protocol` asks for it; code and files are loaded by the first connection. Throws CONFIG. */
export function securitySettings(
  settings: ClientOptions,
  props: ClientProps,
): Pick<ConnectionSettings, 'tls' | 'authenticator'> {
  const protocol = settings['security.protocol']
  if (protocol === 'PLAINTEXT') return { tls: null, authenticator: null }
  const tls = tlsOf(props)
  const sasl = saslOptions(props)
  return {
    tls: protocol.endsWith('SSL') ? tls : null,
    authenticator: protocol.startsWith('SASL') ? saslAuthenticator(mechanismOf(sasl)) : null,
  }
}

/** One context for all connections; after a failure the next one tries again, for files may have come. */
function tlsOf(props: ClientProps): () => Promise<ConnectionOptions> {
  const options = sslOptionsOf(props)
  let loading: Promise<ConnectionOptions> | null = null
  return () => {
    loading ??= clientTls(options).catch((error) => {
      loading = null
      throw configError(error)
    })
    return loading
  }
}
function sslOptionsOf(props: ClientProps) {
  try {
    return sslOptions(props)
  } catch (error) {
    throw configError(error)
  }
}
function configError(error: unknown): unknown {
  const { code, message, cause } = error as TlsConfigError
  return code === 'tls-config' ? new KafkaError('CONFIG', message, { cause }) : error
}
