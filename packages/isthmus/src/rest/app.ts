import type { Logger, SendToWorker } from '@isthmus/runtime'
import { Hono, type MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status'
import { parseBody, readBody } from './body.ts'
import { failureOf, HttpError, refusal } from './failure.ts'
import { hereOrElsewhere, Passed } from './forward.ts'
import type { RestContext, RestReply, RestRequest, Route } from './route.ts'

/** Answered to every request until the worker has started. */
const STARTING = 503
const TOO_OLD = 501

export interface RestAppParts {
  readonly routes: readonly Route[]
  /** null: the worker is still starting. */
  readonly context: () => RestContext | null
  /** What every request passes first: log, headers, access control. */
  readonly around?: readonly MiddlewareHandler[]
  /** To the workers that can do what this one cannot. */
  readonly send: SendToWorker
  readonly log: Logger
}

/** The API over these routes. Wrong paths, methods, types and bodies are answered as Java's worker does. */
export function restApp({ routes, context, around = [], send, log }: RestAppParts): Hono {
  const app = new Hono({ strict: false })
  app.onError((error) => {
    const body = failureOf(error)
    // neither a worker that still starts nor an old leader is a fault of this one
    if (body.error_code >= 500 && body.error_code !== STARTING && body.error_code !== TOO_OLD)
      log.error('Uncaught exception in REST call', error)
    return response({ status: body.error_code, body })
  })
  app.notFound(() => failure(refusal(404)))
  for (const handler of around) app.use(handler)
  app.use(async (c, next) => {
    refuseAmbiguous(new URL(c.req.url).pathname)
    if (!acceptsJson(c.req.header('accept'))) throw refusal(406)
    await next()
  })

  const methods = new Map<string, string[]>()
  for (const route of routes) {
    const path = honoPath(route.path)
    const known = methods.get(path)
    if (known === undefined) methods.set(path, [route.method])
    else known.push(route.method)
    const answer = async (c: Parameters<Parameters<typeof app.on>[2]>[0]) => {
      if (!takes(route, c.req.header('content-type'))) throw refusal(415)
      const takesBody = route.body !== undefined || route.raw === true
      const bytes = takesBody ? await readBody(c.req.raw) : null
      const known = context()
      if (known === null) throw new HttpError(STARTING, 'Worker is still starting up.')
      const url = new URL(c.req.url)
      const request: RestRequest = {
        param: (name) => parameter(c.req.param(name) ?? ''),
        query: url.searchParams,
        body: route.body === undefined || bytes === null ? undefined : parseBody(bytes),
        bytes: bytes ?? NO_BYTES,
        header: (name) => c.req.header(name) ?? null,
      }
      const forwarded = {
        method: route.method,
        url,
        base: known.url(),
        body: bytes,
        authorization: request.header('authorization'),
        signal: c.req.raw.signal,
      }
      const reply = await hereOrElsewhere(async () => route.handle(known, request), forwarded, send)
      // whoever asks next is to see what this has changed
      if (reply.elsewhere === true) await known.herder.catchUp()
      return response(reply)
    }
    app.on(route.method, [path, `${path}/`], answer)
  }
  for (const [path, allowed] of methods) {
    const list = [...(allowed.includes('GET') ? ['HEAD', ...allowed] : allowed), 'OPTIONS']
    app.options(path, () => {
      const text = list.join(', ')
      return new Response(text, {
        headers: {
          allow: list.join(','),
          'content-type': 'text/plain',
          'content-length': String(text.length),
        },
      })
    })
    app.all(path, () => failure(refusal(405)))
  }
  return app
}

const NO_BYTES = new Uint8Array()

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

/** A slash hidden in a name would be another path once decoded, or a part may be empty: refused, as Java's server does. */
function refuseAmbiguous(path: string): void {
  if (/%2f|%5c|%00/i.test(path)) throw new HttpError(400, 'Ambiguous URI path separator')
  if (path.includes('//')) throw new HttpError(400, 'Ambiguous URI empty segment')
}

function parameter(text: string): string {
  if (/%[0-9a-f]{2}/i.test(text) === false) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** As in Java, what is said to be no JSON is refused also where a body is ignored. */
function takes(route: Route, type: string | undefined): boolean {
  if (type === undefined) return route.body === undefined
  return ANY_TYPE.test(route.path) || route.raw === true || isJson(type)
}
const ANY_TYPE = /^\/(health|openapi\.json)?$/

const isJson = (type: string): boolean => type.split(';')[0]?.trim().toLowerCase() === 'application/json'

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined ||
  accept
    .split(',')
    .some((range) =>
      ['*/*', 'application/*', 'application/json'].includes(range.split(';')[0]?.trim().toLowerCase() ?? ''),
    )

function response({ status, body, headers }: RestReply): Response {
  if (body === undefined) return new Response(null, { status: status as StatusCode, headers: { ...headers } })
  const bytes = body instanceof Passed ? Buffer.from(body.bytes) : textOf(body)
  return new Response(bytes, {
    status: status as ContentfulStatusCode,
    headers: { 'content-type': 'application/json', 'content-length': String(bytes.length), ...headers },
  })
}

const textOf = (body: unknown): Buffer<ArrayBuffer> => Buffer.from(JSON.stringify(body, bigIntAsNumber))

// newer than the type definitions of the library
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
const bigIntAsNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? rawJSON(String(value)) : value

function failure(error: unknown): Response {
  const body = failureOf(error)
  return response({ status: body.error_code, body })
}
