import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectError, retriable, type TaskLog } from '@isthmus/sdk'
import type { StoreConfig } from '../config/store.ts'
import { readBody } from './body.ts'
import { openBucketClient, type Page } from './client.ts'
import { type Asked, askedText, failureOf, storeError } from './failures.ts'
import type { ObjectStore } from './object-store.ts'
import { probe } from './probe.ts'
import { ATTEMPTS, usualPause } from './retry.ts'
import { SILENCE_MS, within } from './time-limit.ts'

/**
 * An upload goes on for as long as the system takes bytes of it. What it took it may hold back before they are sent: so many at most, and as
 * slow as a line may be with these before an upload is given up, in bytes per millisecond.
 */
const HELD_BACK = 4 * 1024 * 1024
const SLOWEST_UPLOAD = 32

export interface StoreOptions {
  /** Warned once when requests begin to fail; each attempt after that, until one succeeds, is for debugging. */
  readonly log: Pick<TaskLog, 'debug' | 'warn'>
  /** Aborts every request, and every pause between two of them. */
  readonly signal: AbortSignal
  /** How long to wait after an attempt, in milliseconds; by default longer each time. */
  readonly pauseAfter?: (attempt: number) => number
  /** How long a server may be silent. */
  readonly silenceMs?: number
}

/** The bucket of a configuration, by the protocol of S3; loads the client's library. */
export async function openS3Store(
  config: StoreConfig,
  { log, signal, pauseAfter = usualPause, silenceMs = SILENCE_MS }: StoreOptions,
): Promise<ObjectStore> {
  const client = await openBucketClient(config)
  const { bucket } = client.access
  let failing = false

  /** Makes a request until it succeeds, has failed for good, or has failed as often as it may. */
  const request = async <T>(
    asked: Asked,
    own: AbortSignal | undefined,
    limitMs: number,
    attempt: (signal: AbortSignal, after: string | null, goesOn: () => void) => Promise<T>,
  ): Promise<T> => {
    const ended = own === undefined ? signal : AbortSignal.any([signal, own])
    let before: string | null = null
    for (let count = 1; ; count++) {
      ended.throwIfAborted()
      try {
        const outcome = await within(limitMs, ended, (limit, goesOn) => attempt(limit, before, goesOn))
        failing = false
        return outcome
      } catch (error) {
        ended.throwIfAborted()
        const failure = failureOf(error, client.access)
        if (!failure.retriable || count === ATTEMPTS) throw storeError(asked, client.access, failure, error)
        before = failure.code
        const pause = pauseAfter(count)
        log[failing ? 'debug' : 'warn'](
          `${askedText(asked, bucket)}: ${failure.reason}. Attempt ${count} of ${ATTEMPTS}; the next in ${pause} ms`,
        )
        failing = true
        await sleep(pause, undefined, { signal: ended }).catch(() => ended.throwIfAborted())
      }
    }
  }

  const pageOf = (
    asked: Asked & { readonly prefix: string },
    page: { readonly after?: string | undefined; readonly next?: string | undefined },
    own: AbortSignal | undefined,
  ): Promise<Page> => request(asked, own, silenceMs, (limit) => client.list(asked.prefix, page, limit))

  return {
    put: (key, body, own) =>
      request(
        { operation: 'put', key },
        own,
        silenceMs + Math.min(body.length, HELD_BACK) / SLOWEST_UPLOAD,
        async (limit, before, goesOn) => {
          try {
            await client.put(key, body, before !== null && UNHEARD.has(before), limit, goesOn)
          } catch (error) {
            if (UNHEARD.has(failureOf(error, client.access).code)) await probe(client, '', 'write', limit)
            throw error
          }
        },
      ),
    async get(key, { from = 0, signal: own } = {}) {
      const asked = { operation: 'get', key } as const
      const answer = await request(asked, own, silenceMs, (limit) => client.get(key, from, limit))
      if (answer === null) return null
      const lost = (error: unknown, at: number): ConnectError =>
        retriable(
          `${askedText(asked, bucket)}: ${failureOf(error, client.access).reason}, with ${at} of ${answer.size} bytes read`,
        )
      const signals = own === undefined ? [signal] : [signal, own]
      return {
        size: answer.size,
        body: readBody(answer, { from, silenceMs, ended: AbortSignal.any(signals), lost }),
      }
    },
    async *list(prefix, { after, signal: own } = {}) {
      let next: string | undefined
      do {
        const page = await pageOf({ operation: 'list', prefix }, { after, next }, own)
        yield page.objects
        next = page.next
      } while (next !== undefined)
    },
    async folders(prefix, own) {
      const names: string[] = []
      let next: string | undefined
      do {
        const page = await pageOf({ operation: 'folders', prefix }, { next }, own)
        for (const folder of page.folders) names.push(folder.slice(prefix.length, -1))
        next = page.next
      } while (next !== undefined)
      return names
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** Hands a store over to what owns it from then on; when that fails to open, the store is released here. */
export async function releasedOnFailure<T>(
  store: ObjectStore,
  open: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  try {
    return await open(store)
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * A server that refuses an upload may close the connection before its answer could be read. Then a request without a body is to bring it out,
 * and the next upload asks first whether it is wanted.
 */
const UNHEARD: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE'])
