import { ConnectError, type Props } from '@isthmus/sdk'

export interface Listener {
  readonly protocol: 'http' | 'https'
  /** Empty: every interface. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
}

const FORM = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)/

/** `http://:8083,https://host:8443`, in Java's words where it is wrong. */
export function parseListeners(text: string, property = 'listeners'): readonly Listener[] {
  const parts = text.split(',').map((part) => part.trim())
  if (text.trim() === '')
    throw invalid(
      property,
      text,
      'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    )
  return parts.map((part) => {
    if (part === '') throw invalid(property, text, 'Empty URL found when parsing listeners list.')
    const [, protocol, host = '', port] = FORM.exec(part) ?? []
    if (protocol === undefined)
      throw new ConnectError('config', "Listener doesn't have the right format (protocol://hostname:port).")
    const lower = protocol.toLowerCase()
    if (lower !== 'http' && lower !== 'https')
      throw new ConnectError('config', 'Listener protocol must be either "http" or "https".')
    return { protocol: lower, host, port: Number(port) }
  })
}

const invalid = (property: string, text: string, reason: string) =>
  new ConnectError('config', `Invalid value ${text} for configuration ${property}: ${reason}`)

/** A listener and the port it was given. */
export interface Bound {
  readonly listener: Listener
  readonly port: number
}

/** The URL by which others reach this worker, with a slash at its end. Its host and port are the worker's id. */
export function advertisedUrl(props: Props, bound: readonly Bound[], localAddress: string): URL {
  const named = props['rest.advertised.listener']?.trim().toLowerCase()
  const protocol =
    named ||
    (bound.some(({ listener }) => listener.protocol === 'http')
      ? 'http'
      : (bound[0]?.listener.protocol ?? 'http'))
  const own = bound.find(({ listener }) => listener.protocol === protocol) ?? bound[0]
  const host = props['rest.advertised.host.name']?.trim() || own?.listener.host || localAddress
  const port = props['rest.advertised.port']?.trim() || String(own?.port ?? 8083)
  return new URL(`${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}/`)
}
