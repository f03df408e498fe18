import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpError } from '../failure.ts'
import type { Allowance } from './allowance.ts'
import type { HttpRequest } from './http.ts'

/** Configs are small; this is a thousand times the usual. */
const MAX_BODY_BYTES = 8 * 1024 * 1024

/** A request of Node's server. What its body takes from the allowance is given back when its answer is through. */
export function incoming(request: IncomingMessage, response: ServerResponse, bodies: Allowance): HttpRequest {
  const { method = 'GET', url = '/', headersDistinct } = request
  const { path, search, authority } = targetOf(url)
  let gone: AbortController | null = null
  return {
    method,
    path,
    search,
    authority,
    header: (name) => headersDistinct[name.toLowerCase()]?.join(', ') ?? null,
    count: (name) => headersDistinct[name.toLowerCase()]?.length ?? 0,
    body: () => bodyOf(request, response, bodies),
    get signal() {
      if (gone === null) {
        const controller = new AbortController()
        response.once('close', () => controller.abort())
        if (response.destroyed || request.socket.destroyed) controller.abort()
        gone = controller
      }
      return gone.signal
    },
    remoteAddress: request.socket.remoteAddress,
    httpVersion: request.httpVersion,
  }
}

/** `/path?query`, or a whole URL; what follows a `#` is none of ours. */
function targetOf(url: string): Pick<HttpRequest, 'path' | 'search' | 'authority'> {
  const [, authority, rest = ''] = /^(?:https?:\/\/([^/?#]*))?([^#]*)/i.exec(url) ?? []
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  return {
    path: authority !== undefined && path === '' ? '/' : path,
    search: mark < 0 ? '' : rest.slice(mark),
    authority: authority ?? null,
  }
}

function bodyOf(request: IncomingMessage, response: ServerResponse, bodies: Allowance): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let total = 0
  let refused = false
  response.once('close', () => bodies.give(total))
  const refuse = (error: HttpError) => {
    refused = true
    request.off('data', more)
    chunks.length = 0
    // what still comes is thrown away, for a while: a connection that is closed over it would take the answer along
    request.resume()
    const timer = setTimeout(() => reject(error), LINGER_MS)
    request.once('end', () => {
      clearTimeout(timer)
      reject(error)
    })
  }
  const more = (chunk: Buffer) => {
    if (total + chunk.length > MAX_BODY_BYTES) return refuse(tooLarge())
    if (!bodies.take(chunk.length))
      return refuse(new HttpError(503, 'Too many request bodies arrive at once. Try again later.'))
    total += chunk.length
    chunks.push(chunk)
  }
  // the client is gone, or its time is over; nobody reads this answer, but the log shows it
  const late = () => reject(new HttpError(408, 'The request body has not arrived'))
  request.once('error', late)
  request.once('close', late)
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) refuse(tooLarge())
  else {
    request.on('data', more)
    request.once('end', () => {
      if (!refused) resolve(Buffer.concat(chunks))
    })
  }
  return promise
}
/** How long an answer that refuses a body waits for its end. */
const LINGER_MS = 1000
const tooLarge = () => new HttpError(413, `The request body is larger than ${MAX_BODY_BYTES} bytes`)
