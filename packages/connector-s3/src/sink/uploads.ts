import { codeOf, type TaskLog } from '@isthmus/sdk'
import type { ObjectStore } from '../s3/object-store.ts'
import { pause } from '../waiting.ts'
import type { Backlog, WaitingObject } from './backlog.ts'
import { openSlots } from './slots.ts'
import { openTrouble } from './trouble.ts'

/** Uploads at the same time. */
const UPLOADS = 8
/** Before an upload that has failed is tried again; doubled each time. The store has tried several times by itself before. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/**
 * Stores the objects that wait: those of a partition one after another in the order of their offsets, those of several partitions at the
 * same time. What fails is tried again for as long as that may help.
 */
export interface Uploads extends AsyncDisposable {
  /** Objects of this partition wait. */
  begin(backlog: Backlog): void
  /** Resolves when nothing of a partition waits any more, or an upload of it has failed; a pause before the next try ends at once. */
  tried(backlog: Backlog): Promise<void>
  /** Gives up what is under way of a partition, and resolves when that has settled. */
  giveUp(backlog: Backlog): Promise<void>
  /** Throws what no further try can help against, once that has happened. */
  check(): void
}

/** The uploads of one partition, for as long as there are any. */
interface Lane {
  readonly lifetime: AbortController
  readonly waiters: (() => void)[]
  /** Ends the pause before the next try; null when there is none. */
  hurry: AbortController | null
  ended: Promise<void>
}

export interface UploadParts {
  readonly store: ObjectStore
  readonly log: TaskLog
  /** Aborts when the task has to end: what the store gives up by that has not failed. */
  readonly signal: AbortSignal
  /** After every try: the object if it is stored now, or null. */
  readonly settled: (stored: WaitingObject | null) => void
}

export function openUploads({ store, log, signal: ended, settled }: UploadParts): Uploads {
  const lanes = new Map<Backlog, Lane>()
  const slots = openSlots(UPLOADS)
  const trouble = openTrouble(log)
  let failure: { readonly error: unknown } | null = null

  /** Tries the next object of a partition: whether there was one, and what became of it. */
  const upload = async (
    backlog: Backlog,
    { lifetime: { signal } }: Lane,
  ): Promise<'stored' | 'failed' | 'none'> => {
    using _slot = await slots.take(signal)
    const object = backlog.take()
    if (object === null) return 'none'
    let stored = false
    try {
      await store.put(object.key, object.bytes, signal)
      stored = true
      trouble.stored(backlog)
    } catch (error) {
      signal.throwIfAborted()
      if (codeOf(error) !== 'retriable') throw error
      trouble.failed(backlog, error)
    } finally {
      backlog.settled(stored)
      settled(stored ? object : null)
    }
    return stored ? 'stored' : 'failed'
  }

  const rest = async (lane: Lane, ms: number): Promise<void> => {
    lane.hurry = new AbortController()
    await pause(ms, AbortSignal.any([lane.hurry.signal, lane.lifetime.signal]))
    lane.hurry = null
  }

  const release = (lane: Lane): void => {
    for (const resolve of lane.waiters.splice(0)) resolve()
  }

  const run = async (backlog: Backlog, lane: Lane): Promise<void> => {
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; ) {
        const outcome = await upload(backlog, lane)
        // what was added since it was looked for is not left behind: from here to the end nothing is waited for
        if (outcome === 'none' && backlog.waiting === 0) break
        if (outcome !== 'failed') pauseMs = FIRST_PAUSE_MS
        else {
          release(lane)
          await rest(lane, pauseMs)
          pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
        }
      }
    } catch (error) {
      if (!lane.lifetime.signal.aborted && !ended.aborted) failure ??= { error }
    } finally {
      lanes.delete(backlog)
      trouble.forget(backlog)
      release(lane)
    }
  }

  const giveUp = async (backlog: Backlog): Promise<void> => {
    const lane = lanes.get(backlog)
    lane?.lifetime.abort()
    await lane?.ended
  }

  return {
    begin(backlog) {
      if (lanes.has(backlog)) return
      const lane: Lane = {
        lifetime: new AbortController(),
        waiters: [],
        hurry: null,
        ended: Promise.resolve(),
      }
      lanes.set(backlog, lane)
      lane.ended = run(backlog, lane)
    },
    async tried(backlog) {
      const lane = lanes.get(backlog)
      if (lane === undefined) return
      const { promise, resolve } = Promise.withResolvers<void>()
      lane.waiters.push(resolve)
      lane.hurry?.abort()
      await promise
    },
    giveUp,
    check() {
      if (failure !== null) throw failure.error
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...lanes.keys()].map(giveUp))
    },
  }
}
