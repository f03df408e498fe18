import type { Logger } from '@isthmus/runtime'
import type { Around } from '../server/http.ts'

/** One line a request, as Java's worker writes: NCSA's extended form and the milliseconds it took. */
export const accessLog =
  (log: Logger): Around =>
  async (request, next) => {
    const arrived = new Date()
    const started = performance.now()
    const reply = await next()
    const line = [
      request.remoteAddress ?? '-',
      '-',
      '-',
      `[${ncsaTime(arrived)}]`,
      `"${shown(`${request.method} ${request.path}${request.search}`)} HTTP/${request.httpVersion}"`,
      reply.status,
      reply.body?.length ?? 0,
      `"${shown(request.header('referer'))}"`,
      `"${shown(request.header('user-agent'))}"`,
      Math.round(performance.now() - started),
    ]
    log.info(line.join(' '))
    return reply
  }

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (number: number): string => String(number).padStart(2, '0')

/** `21/Nov/2026:07:37:14 +0000`. */
const ncsaTime = (at: Date): string =>
  `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`

/** No control characters of a client's in a line of ours, and no quote that ends one. */
const shown = (text: string | null): string =>
  (text ?? '').replaceAll(/["\\]/g, '\\$&').replaceAll(/\p{Cc}/gu, '?')
