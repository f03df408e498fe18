import type { Logger } from '@isthmus/runtime'
import type { MiddlewareHandler } from 'hono'

/** One line a request, as Java's worker writes: NCSA's extended form and the milliseconds it took. */
export const accessLog =
  (log: Logger): MiddlewareHandler =>
  async (c, next) => {
    const started = performance.now()
    await next()
    const { incoming } = c.env as { incoming?: { socket: { remoteAddress?: string }; httpVersion: string } }
    const url = new URL(c.req.url)
    const line = [
      incoming?.socket.remoteAddress ?? '-',
      '-',
      '-',
      `[${new Date().toISOString()}]`,
      `"${c.req.method} ${url.pathname}${url.search} HTTP/${incoming?.httpVersion ?? '1.1'}"`,
      c.res.status,
      c.res.headers.get('content-length') ?? '-',
      `"${shown(c.req.header('referer'))}"`,
      `"${shown(c.req.header('user-agent'))}"`,
      Math.round(performance.now() - started),
    ]
    log.info(line.join(' '))
  }

/** No quotes or control characters of a client's in a line of ours. */
const shown = (text: string | undefined): string =>
  text === undefined ? '-' : text.replaceAll(/["\p{Cc}]/gu, '?')
