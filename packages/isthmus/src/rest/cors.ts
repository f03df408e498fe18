import type { MiddlewareHandler } from 'hono'

const MAX_AGE_SECONDS = 60

interface CorsConfig {
  readonly 'access.control.allow.origin': string
  readonly 'access.control.allow.methods': string
}

/** Cross-origin access by `access.control.allow.origin` and `access.control.allow.methods`; null when there is none. */
export function corsOf(config: CorsConfig): MiddlewareHandler | null {
  const origins = listOf(config['access.control.allow.origin'])
  if (origins.length === 0) return null
  const patterns = origins.map(patternOf)
  const methods = listOf(config['access.control.allow.methods'])
  const allowed = methods.length === 0 ? ['GET', 'POST', 'HEAD'] : methods
  return async (c, next) => {
    await next()
    const origin = c.req.header('origin')
    c.res.headers.append('vary', 'Origin')
    if (origin === undefined || !patterns.some((pattern) => pattern.test(origin))) return
    c.res.headers.set('access-control-allow-origin', origin)
    const wanted = c.req.header('access-control-request-method')
    if (c.req.method !== 'OPTIONS' || wanted === undefined) return
    c.res.headers.set('access-control-allow-methods', allowed.join(','))
    c.res.headers.set('access-control-allow-headers', 'X-Requested-With,Content-Type,Accept,Origin')
    c.res.headers.set('access-control-max-age', String(MAX_AGE_SECONDS))
  }
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

/** `*` stands for anything, alone or in a name such as `https://*.example.com`. */
const patternOf = (origin: string): RegExp =>
  new RegExp(`^${origin.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`)
