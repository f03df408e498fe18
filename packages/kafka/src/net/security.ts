import { type ClientOptions, securityOptions } from '../properties/client.ts'
import type { ClientProps } from '../properties/types.ts'
import { saslAuthenticator } from '../sasl/authenticator.ts'
import { mechanismOf } from '../sasl/mechanisms.ts'
import type { TlsSettings } from '../tls/settings.ts'
import type { ConnectionSettings } from './connection.ts'

/** Read and checked only when `security.protocol` asks for it; code and files are loaded by the first connection. */
export function securitySettings(
  settings: ClientOptions,
  props: ClientProps,
): Pick<ConnectionSettings, 'tls' | 'authenticator'> {
  const protocol = settings['security.protocol']
  if (protocol === 'PLAINTEXT') return { tls: null, authenticator: null }
  const options = securityOptions(props)
  let loading: Promise<TlsSettings> | null = null
  const load = () => {
    loading ??= import('../tls/settings.ts')
      .then(({ tlsSettings }) => tlsSettings(options))
      .catch((error) => {
        loading = null
        throw error
      })
    return loading
  }
  return {
    tls: protocol.endsWith('SSL') ? load : null,
    authenticator: protocol.startsWith('SASL') ? saslAuthenticator(mechanismOf(options)) : null,
  }
}
