import type { Logger } from '@isthmus/runtime'
import type { MiddlewareHandler } from 'hono'

/** One line a request, as Java's worker writes: NCSA's extended form and the milliseconds it took. */
export const accessLog =
  (log: Logger): MiddlewareHandler =>
  async (c, next) => {
    const arrived = new Date()
    const started = performance.now()
    await next()
    const { incoming } = c.env as { incoming?: Incoming }
    const url = new URL(c.req.url)
    const line = [
      incoming?.socket.remoteAddress ?? '-',
      '-',
      '-',
      `[${ncsaTime(arrived)}]`,
      `"${c.req.method} ${url.pathname}${url.search} HTTP/${incoming?.httpVersion ?? '1.1'}"`,
      c.res.status,
      c.res.headers.get('content-length') ?? 0,
      `"${shown(c.req.header('referer'))}"`,
      `"${shown(c.req.header('user-agent'))}"`,
      Math.round(performance.now() - started),
    ]
    log.info(line.join(' '))
  }

interface Incoming {
  readonly socket: { readonly remoteAddress?: string }
  readonly httpVersion: string
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** `21/Nov/2026:07:37:14 +0000`. */
const ncsaTime = (at: Date): string =>
  `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`

/** No control characters of a client's in a line of ours, and no quote that ends one. */
const shown = (text: string | undefined): string =>
  (text ?? '').replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}/gu, '?')
