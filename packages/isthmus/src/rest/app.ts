import type { Logger, SendToWorker } from '@isthmus/runtime'
import { NUMBER_KIND, type TypedNumber } from '@isthmus/sdk/data'
import { doubleText } from '@isthmus/sdk/java'
import { parseBody } from './body.ts'
import { failureOf, HttpError, refusal } from './failure.ts'
import { ForwardedJson, handleOrForward } from './forwarding/forward.ts'
import { decoded, refuseMalformed } from './malformed.ts'
import type { RestContext, RestReply, RestRequest, Route } from './route.ts'
import { openRouter } from './router.ts'
import { type Answer, type Around, type HttpReply, type HttpRequest, textReply } from './server/http.ts'

/** Answered to every request until the worker has started. */
const STARTING = 503
const TOO_OLD = 501

export interface RestAppParts {
  readonly routes: readonly Route[]
  /** null: the worker is still starting. */
  readonly context: () => RestContext | null
  /** What every request passes first, from the outermost. */
  readonly around?: readonly Around[]
  /** To the workers that can do what this one cannot. */
  readonly send: SendToWorker
  readonly log: Logger
}

/** The API over these routes. Wrong paths, methods, types and bodies are answered as Java's worker does. */
export function restApp({ routes, context, around = [], send, log }: RestAppParts): Answer {
  const find = openRouter(routes)

  const answer = async (request: HttpRequest): Promise<HttpReply> => {
    refuseMalformed(request)
    const found = find(request.method, request.path)
    if (found === null) throw refusal(404)
    if (!('route' in found)) {
      if (request.method !== 'OPTIONS') throw refusal(405)
      return textReply(200, found.allowed.join(', '), { allow: found.allowed.join(',') })
    }
    const { route, params } = found
    if (!takes(route, request.header('content-type'))) throw refusal(415)
    if (!acceptsJson(request.header('accept'))) throw refusal(406)
    const takesBody = route.body !== undefined || route.raw === true
    const bytes = takesBody ? await request.body() : null
    const known = context()
    if (known === null) throw new HttpError(STARTING, 'Worker is still starting up.')
    const asked: RestRequest = {
      param: (name) => decoded(params.get(name) ?? ''),
      query: new URLSearchParams(request.search),
      body: route.body === undefined || bytes === null ? undefined : parseBody(bytes),
      bytes: bytes ?? NO_BYTES,
      header: request.header,
    }
    const forwarded = {
      method: route.method,
      path: request.path,
      query: asked.query,
      base: known.url,
      body: bytes,
      authorization: request.header('authorization'),
      signal: request.signal,
    }
    const reply = await handleOrForward(async () => route.handle(known, asked), forwarded, send, { log })
    // whoever asks next is to see what this has changed
    if (reply.forwarded === true) await known.herder.catchUp()
    return replied(reply)
  }

  const refused = (error: unknown): HttpReply => {
    const body = failureOf(error)
    // neither a worker that still starts, or is asked too much, nor an old leader is a fault of this one
    if (body.error_code >= 500 && body.error_code !== STARTING && body.error_code !== TOO_OLD)
      log.error('Uncaught exception in REST call', error)
    return replied({ status: body.error_code, body })
  }
  const all = around.reduceRight<Answer>(
    (inner, outer) => (request) => outer(request, () => inner(request)),
    (request) => answer(request).catch(refused),
  )
  return (request) => all(request).catch(refused)
}

const NO_BYTES = new Uint8Array()

/** As in Java, what is said to be no JSON is refused also where a body is ignored. */
function takes(route: Route, type: string | null): boolean {
  if (type === null) return route.body === undefined
  return ANY_TYPE.test(route.path) || route.raw === true || isJson(type)
}
const ANY_TYPE = /^\/(health|openapi\.json)?$/

const isJson = (type: string): boolean => type.split(';')[0]?.trim().toLowerCase() === 'application/json'

/** An empty header says no more than none. */
const acceptsJson = (accept: string | null): boolean =>
  accept === null ||
  /^[\s,]*$/.test(accept) ||
  accept
    .split(',')
    .some((range) =>
      ['*/*', 'application/*', 'application/json'].includes(range.split(';')[0]?.trim().toLowerCase() ?? ''),
    )

function replied({ status, body, headers }: RestReply): HttpReply {
  if (body === undefined) return { status, headers: { ...headers }, body: null }
  const bytes = body instanceof ForwardedJson ? Buffer.from(body.bytes) : textOf(body)
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: bytes }
}

const textOf = (body: unknown): Buffer => Buffer.from(JSON.stringify(body, numberAsJava))

// newer than the type definitions of the library
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
/** Whole numbers of 64 bits, and doubles that are whole: `2.0`, so that what offsets are shown as can be sent back. */
function numberAsJava(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJSON(String(value))
  if (typeof value !== 'object' || value === null || !(NUMBER_KIND in value)) return value
  const { number, [NUMBER_KIND]: kind } = value as TypedNumber
  if (!Number.isFinite(number)) return String(number)
  return kind === 'float64' || kind === 'float32' ? rawJSON(doubleText(number)) : number
}
