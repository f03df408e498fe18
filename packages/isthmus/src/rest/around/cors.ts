import { ConnectError } from '@isthmus/sdk'
import { type JavaPattern, javaPattern } from '@isthmus/sdk/java'
import { type Around, addHeader } from '../server/http.ts'

const MAX_AGE_SECONDS = 60

interface CorsConfig {
  readonly 'access.control.allow.origin': string
  readonly 'access.control.allow.methods': string
}

/** Cross-origin access by `access.control.allow.origin` and `access.control.allow.methods`; null when there is none. */
export function corsOf(config: CorsConfig): Around | null {
  const origins = listOf(config['access.control.allow.origin'])
  if (origins.length === 0) return null
  const allows = origins.map(patternOf)
  const methods = listOf(config['access.control.allow.methods'])
  const allowed = methods.length === 0 ? ['GET', 'POST', 'HEAD'] : methods
  return async ({ method, header }, next) => {
    const reply = await next()
    const origin = header('origin')
    addHeader(reply, 'vary', 'Origin')
    if (origin === null || !allows.some((allow) => allow(origin))) return reply
    reply.headers['access-control-allow-origin'] = origin
    if (method !== 'OPTIONS' || header('access-control-request-method') === null) return reply
    reply.headers['access-control-allow-methods'] = allowed.join(',')
    reply.headers['access-control-allow-headers'] = 'Content-Type'
    reply.headers['access-control-max-age'] = String(MAX_AGE_SECONDS)
    return reply
  }
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/**
 * An origin, or a regular expression of origins as for Java's server. A dot alone makes no expression, and in
 * `https://*.example.com` the star stands for anything.
 */
function patternOf(origin: string): (origin: string) => boolean {
  if (/\\|\.\*|[+?^$()[\]{}|]/.test(origin)) return expressionOf(origin)
  return expressionOf(origin.replaceAll('.', '\\.').replaceAll('*', '.*'))
}

/** Origins are a client's words: no pattern is to think about them for long. */
const STEPS = 100_000
/** The longest name of a host, with a scheme and a port. */
const LONGEST = 300

function expressionOf(text: string): (origin: string) => boolean {
  let pattern: JavaPattern
  try {
    pattern = javaPattern(`(?i)(?:${text})`, { steps: STEPS })
  } catch (cause) {
    const reason = `${(cause as Error).message}`
    throw new ConnectError(
      'config',
      `Invalid value ${text} for configuration access.control.allow.origin: ${reason}`,
      { cause },
    )
  }
  return (origin) => {
    try {
      return origin.length <= LONGEST && pattern.matches(origin)
    } catch {
      return false
    }
  }
}
