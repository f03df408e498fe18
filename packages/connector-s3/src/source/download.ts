import type { TaskLog } from '@isthmus/sdk'
import type { ObjectStore } from '../s3/object-store.ts'
import { patiently } from './waiting.ts'

/** Bytes of a download that wait to be read, at most: it goes on when they are taken. An ordinary object fits, and is fetched in one go. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024

/** The bytes of an object, fetched ahead of who reads them. */
export interface Download {
  /** The next bytes, or why there are none now. `gone`: there is no such object any more, or another in its place. */
  take(): Uint8Array | 'coming' | 'complete' | 'gone'
  /** Of the whole object; null until it has answered. */
  readonly size: number | null
  /** Ends it; what waits to be read is forgotten. */
  close(): void
}

export interface DownloadParts {
  readonly store: Pick<ObjectStore, 'get'>
  readonly log: Pick<TaskLog, 'warn'>
  readonly signal: AbortSignal
  /** Called when `take` has something new to say. */
  readonly changed: () => void
}

/**
 * Begins at once. A lost connection, and everything else that is `retriable`, is tried again for as long as it takes, from the first byte that
 * has not arrived; `take` throws every other error.
 */
export function openDownload(key: string, { store, log, signal: whole, changed }: DownloadParts): Download {
  const closing = new AbortController()
  const signal = AbortSignal.any([whole, closing.signal])
  let chunks: Uint8Array[] = []
  let waiting = 0
  let arrived = 0
  let size: number | null = null
  let outcome: 'coming' | 'complete' | 'gone' | { readonly error: unknown } = 'coming'
  let room: PromiseWithResolvers<void> | null = null

  const fetchRest = async (): Promise<'complete' | 'gone'> => {
    if (arrived === size) return 'complete'
    const object = await store.get(key, { from: arrived, signal })
    if (object === null || (size !== null && size !== object.size)) return 'gone'
    size = object.size
    for await (const chunk of object.body) {
      if (chunk.length === 0) continue
      chunks.push(chunk)
      arrived += chunk.length
      waiting += chunk.length
      changed()
      if (waiting >= WAITING_BYTES_MAX) {
        room = Promise.withResolvers()
        await room.promise
      }
    }
    return 'complete'
  }
  patiently(`Reading object ${key}`, fetchRest, { signal, log }).then(
    (end) => settle(end),
    (error) => settle({ error }),
  )
  const settle = (end: typeof outcome): void => {
    outcome = end
    changed()
  }
  signal.addEventListener('abort', () => room?.resolve(), { once: true })

  return {
    take() {
      const chunk = chunks.shift()
      if (chunk !== undefined) {
        waiting -= chunk.length
        if (waiting < WAITING_BYTES_MAX) room?.resolve()
        return chunk
      }
      if (typeof outcome === 'object') throw outcome.error
      return outcome
    },
    get size() {
      return size
    },
    close() {
      closing.abort()
      chunks = []
    },
  }
}
