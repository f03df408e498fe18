import { ConnectError } from '@isthmus/sdk'

export interface Listener {
  readonly protocol: 'http' | 'https'
  /** Empty: every interface. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

const FORM = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/

/** `http://:8083`, `https://host:8443`, in Java's words where one is wrong. */
export const parseListeners = (urls: readonly string[]): readonly Listener[] =>
  urls.map((url) => {
    const [, protocol, host = '', port] = FORM.exec(url) ?? []
    if (protocol === undefined)
      throw invalid("Listener doesn't have the right format (protocol://hostname:port).", url)
    const lower = protocol.toLowerCase()
    if (lower !== 'http' && lower !== 'https')
      throw invalid('Listener protocol must be either "http" or "https".', url)
    const number = Number(port)
    if (number < 0 || number > 65_535) throw invalid('A port is between 0 and 65535.', url)
    return { protocol: lower, host, port: number }
  })

/** How files for Kafka before 3.0 say where to listen; null where `listeners` is set, or nothing is. */
export function oldListener(
  props: { readonly listeners?: string },
  config: { readonly 'rest.host.name': string | null; readonly 'rest.port': number | null },
): string | null {
  const host = config['rest.host.name']?.trim() ?? ''
  const port = config['rest.port']
  if (props.listeners !== undefined || (host === '' && port === null)) return null
  return `http://${host.includes(':') ? `[${host}]` : host}:${port ?? 8083}`
}

const invalid = (message: string, url: string) => new ConnectError('config', `${message} It is ${url}`)

/** A listener and the port it was given. */
export interface Bound {
  readonly listener: Listener
  readonly port: number
}

/** What the worker is to call itself, where its listeners do not say it. */
export interface Advertised {
  readonly 'rest.advertised.host.name': string | null
  readonly 'rest.advertised.port': number | null
  readonly 'rest.advertised.listener': string | null
}

/** The URL by which others reach this worker, with a slash at its end. Its host and port are the worker's id. */
export function advertisedUrl(config: Advertised, bound: readonly Bound[], localAddress: string): URL {
  const protocol =
    config['rest.advertised.listener']?.toLowerCase() ||
    (bound.some(({ listener }) => listener.protocol === 'http')
      ? 'http'
      : (bound[0]?.listener.protocol ?? 'http'))
  const own = bound.find(({ listener }) => listener.protocol === protocol) ?? bound[0]
  const host = config['rest.advertised.host.name'] || own?.listener.host || localAddress
  const port = config['rest.advertised.port'] ?? own?.port ?? 8083
  return new URL(`${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}/`)
}
