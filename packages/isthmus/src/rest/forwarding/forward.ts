import { setTimeout as wait } from 'node:timers/promises'
import { forwardUrl, type Logger, type SendToWorker } from '@isthmus/runtime'
import { HttpError } from '../failure.ts'
import type { RestReply } from '../route.ts'
import { refuseTooOld } from './older-workers.ts'

/** A request as it is passed on: what the client sent, but for headers that are none of the other worker's business. */
export interface ForwardedRequest {
  readonly method: string
  /** As it was sent: not decoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Of this worker: where it says that something new is. */
  readonly base: string
  readonly body: Uint8Array | null
  readonly authorization: string | null
  readonly signal: AbortSignal
}

export interface ForwardOptions {
  /** How long a worker that listens no more is asked again; tests shorten it. */
  readonly patienceMs?: number
  readonly log?: Pick<Logger, 'debug'>
}

/** How long a worker that has gone is asked again, until the group has found out and named another. */
const PATIENCE_MS = 60_000
const PAUSE_MS = 250

/**
 * Does what a request asks for, here or at the worker that `work` names: at most two workers are asked after this one, and none twice by
 * one that was asked itself. The second is told by `forward=true`, the third by `forward=false`.
 */
export async function handleOrForward(
  work: () => Promise<RestReply>,
  request: ForwardedRequest,
  send: SendToWorker,
  { patienceMs = PATIENCE_MS, log }: ForwardOptions = {},
): Promise<RestReply> {
  const asked = request.query.get('forward')
  const deadline = performance.now() + patienceMs
  for (;;) {
    const url = await work().catch((error: unknown) => {
      const found = forwardUrl(error)
      if (found === null) throw error
      log?.debug(
        `${request.method} ${request.path} is for ${found || 'a worker that is not known'}: ${(error as Error).message}`,
      )
      return found
    })
    if (typeof url !== 'string') return url
    if (asked !== null && asked.toLowerCase() !== 'true')
      throw new HttpError(
        409,
        'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
      )
    if (url === '')
      throw new HttpError(
        409,
        'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.',
      )
    try {
      const reply = await pass(send, url, request, asked === null)
      await refuseTooOld(reply, request, url, send)
      return replyOf(reply, request.base)
    } catch (error) {
      if (error instanceof HttpError) throw error
      const { code, message } = error as { code?: unknown; message: string }
      if (!NOT_SENT.has(code) || performance.now() + PAUSE_MS > deadline || request.signal.aborted)
        throw new HttpError(500, `IO Error trying to forward REST request: ${message}`)
    }
    log?.debug(`Nobody listens at ${url}: trying again in ${PAUSE_MS} ms`)
    await wait(PAUSE_MS)
  }
}

/** Nothing has arrived there: to ask again does nothing twice. */
const NOT_SENT = new Set<unknown>(['ECONNREFUSED', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH'])

function pass(send: SendToWorker, base: string, request: ForwardedRequest, again: boolean) {
  const query = new URLSearchParams(request.query)
  query.set('forward', String(again))
  const { body, authorization } = request
  // put together as text: a URL would take a name of dots for a step up
  return send(`${base.replace(/\/$/, '')}${request.path}?${query}`, {
    method: request.method,
    headers: {
      accept: 'application/json',
      ...(body !== null && { 'content-type': 'application/json' }),
      ...(authorization !== null && { authorization }),
    },
    ...(body !== null && { body }),
    signal: request.signal,
  })
}

function replyOf({ status, headers, body }: Awaited<ReturnType<SendToWorker>>, base: string): RestReply {
  if (status < 200 || (status >= 300 && status < 400))
    throw new HttpError(500, `Unexpected status code when handling forwarded request: ${status}`)
  const { location } = headers
  const kept =
    location === undefined
      ? {}
      : { headers: { location: `${base.replace(/\/$/, '')}${location.replace(/^\w+:\/\/[^/]*/, '')}` } }
  const forwarded = true
  if (body.length === 0) return { status, forwarded, ...kept }
  try {
    JSON.parse(Buffer.from(body).toString())
  } catch (cause) {
    throw new HttpError(500, `Error trying to forward REST request: ${(cause as Error).message}`)
  }
  return { status, forwarded, body: new ForwardedJson(body), ...kept }
}

/** JSON that another worker wrote: its numbers must not be read and written again. */
export class ForwardedJson {
  readonly bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}
