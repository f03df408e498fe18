import type { TlsOptions } from 'node:tls'
import { restDef } from '@isthmus/runtime'
import { ConnectError, type Props, parseConfig } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import type { Listener } from './listeners.ts'

/** For the listeners that need it. With any property under the prefix, those without it do not count. Throws `config`. */
export async function tlsFor(
  listeners: readonly Listener[],
  props: Props,
  prefix: string,
): Promise<TlsOptions | null> {
  if (!listeners.some(({ protocol }) => protocol === 'https')) return null
  const own = withoutPrefix(props, prefix)
  const isOwn = Object.keys(own).length > 0
  const { serverTls, sslOptions } = await import('@isthmus/tls')
  try {
    const used = isOwn ? own : props
    parseConfig(restDef, used)
    return await serverTls(sslOptions(used))
  } catch (cause) {
    const where = isOwn ? `those under ${prefix}` : `there are none under ${prefix}`
    throw new ConnectError(
      'config',
      `An HTTPS listener cannot be opened: ${(cause as Error).message} (by the ssl.* properties; ${where})`,
      { cause },
    )
  }
}
