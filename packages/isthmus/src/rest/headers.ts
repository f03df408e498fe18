import type { HeaderRule } from '@isthmus/runtime'
import type { MiddlewareHandler } from 'hono'

/** Headers of every answer, by `response.http.headers.config`. The value of a date counts from now, as in Java's server. */
export const responseHeaders =
  (rules: readonly HeaderRule[]): MiddlewareHandler =>
  async (c, next) => {
    await next()
    for (const { action, date, name, value } of rules)
      c.res.headers[action === 'add' ? 'append' : 'set'](
        name,
        date ? new Date(Date.now() + Number(value)).toUTCString() : value,
      )
  }
