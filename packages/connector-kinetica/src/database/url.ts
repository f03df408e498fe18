import { ConnectError } from '@isthmus/sdk'

/** Throws a `config` error, with the property that it is the value of, for what is no URL of a database. */
export function parseUrl(url: string, property = 'kinetica.url'): URL {
  const parsed = URL.parse(url.trim())
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== '' || parsed.hash !== '')
    throw new ConnectError(
      'config',
      `Invalid value ${url} for configuration ${property}: must be the URL of a database, such as http://localhost:9191`,
    )
  return parsed
}
