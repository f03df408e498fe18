import type { TlsOptions } from 'node:tls'
import { type Props, withoutPrefix } from '@isthmus/sdk'
import type { Listener } from './listeners.ts'

/** For the listeners that need it. With any property under the prefix, those without it do not count. */
export async function tlsFor(
  listeners: readonly Listener[],
  props: Props,
  prefix: string,
): Promise<TlsOptions | null> {
  if (!listeners.some(({ protocol }) => protocol === 'https')) return null
  const own = withoutPrefix(props, prefix)
  const { serverTls } = await import('@isthmus/kafka')
  return serverTls(Object.keys(own).length > 0 ? own : props)
}
