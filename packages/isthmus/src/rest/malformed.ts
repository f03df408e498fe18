import { HttpError } from './failure.ts'
import type { HttpRequest } from './server/http.ts'

/** Refuses what is no request of HTTP, or could mean two things, as Java's server does. */
export function refuseMalformed(request: HttpRequest): void {
  refuseHost(request)
  refusePath(request.path)
}

function refuseHost({ header, count, httpVersion, authority }: HttpRequest): void {
  const host = header('host')
  if (host === null) {
    if (httpVersion === '1.1') throw new HttpError(400, 'No Host')
    return
  }
  if (count('host') > 1) throw new HttpError(400, 'Duplicate Host Header')
  if (host === '') throw new HttpError(400, 'Blank Host')
  const [, port] = HOST.exec(host) ?? []
  if (port === undefined || Number(port) > 65_535) throw new HttpError(400, 'Bad HostPort')
  if (authority !== null && authority !== host) throw new HttpError(400, 'Authority!=Host')
}
const HOST = /^(?:\[[0-9a-f:.%]+\]|[^\s/?#@\\[\]:]+):?(\d{0,5})$/i

function refusePath(path: string): void {
  if (!path.startsWith('/')) throw new HttpError(400, 'Bad URI')
  if (ILLEGAL.test(path)) throw new HttpError(400, 'Illegal Path Character')
  if (/%2f|%5c|%00/i.test(path)) throw new HttpError(400, 'Ambiguous URI path separator')
  if (path.includes('//')) throw new HttpError(400, 'Ambiguous URI empty segment')
  // whoever writes a name of dots so has it taken for a step up by what is in between
  if (path.split('/').some((part) => /%2e/i.test(part) && /^(\.|%2e){1,2}$/i.test(part)))
    throw new HttpError(400, 'Ambiguous URI path segment')
}
const ILLEGAL = /[^\x21-\x7e]|["<>\\^`{|}[\]]/

/** Of a part of a path, once: a name may look as if it were encoded itself. */
export function decoded(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    throw new HttpError(400, 'Bad URI encoding')
  }
}
