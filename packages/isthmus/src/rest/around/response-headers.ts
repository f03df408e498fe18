import type { HeaderRule } from '@isthmus/runtime'
import { type Around, addHeader } from '../server/http.ts'

/** Headers of every answer, by `response.http.headers.config`. The value of a date counts from now, as in Java's server. */
export const responseHeaders =
  (rules: readonly HeaderRule[]): Around =>
  async (_, next) => {
    const reply = await next()
    for (const { action, date, name, value } of rules) {
      const text = date ? new Date(Date.now() + Number(value)).toUTCString() : value
      if (action === 'add') addHeader(reply, name.toLowerCase(), text)
      else reply.headers[name.toLowerCase()] = text
    }
    return reply
  }
