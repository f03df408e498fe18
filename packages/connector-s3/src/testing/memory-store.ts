import type { ObjectStore } from '../s3/object-store.ts'

export type StoreOperation = 'put' | 'get' | 'list' | 'folders'

/** A bucket in memory, for tests of what uses one: it can be told to fail, to wait, and to lose a connection. */
export interface MemoryStore extends ObjectStore {
  /** What is stored; may be changed. */
  readonly objects: Map<string, Uint8Array>
  /** How often each operation was asked for. */
  readonly calls: Readonly<Record<StoreOperation, number>>
  /** The next `times` calls (default 1) of an operation fail. A `put` that fails `late` has stored its object all the same. */
  fail(
    operation: StoreOperation,
    error: unknown,
    options?: { readonly times?: number; readonly late?: boolean },
  ): void
  /** The body of the next `get` fails after so many bytes. */
  cut(bytes: number, error: unknown): void
  /** The next call of an operation waits until it is released or its signal aborts. */
  hold(operation: StoreOperation): { readonly reached: Promise<void>; release(): void }
}

interface Fault {
  readonly error: unknown
  readonly late: boolean
}
interface Hold {
  readonly reached: PromiseWithResolvers<void>
  readonly released: PromiseWithResolvers<void>
}

/** `pageSize`: how many objects a page of a listing has at most; `chunkSize`: how many bytes a part of a body. */
export function openMemoryStore({ pageSize = 1000, chunkSize = 64 * 1024 } = {}): MemoryStore {
  const objects = new Map<string, Uint8Array>()
  const calls = { put: 0, get: 0, list: 0, folders: 0 }
  const faults: Record<StoreOperation, Fault[]> = { put: [], get: [], list: [], folders: [] }
  const holds: Record<StoreOperation, Hold[]> = { put: [], get: [], list: [], folders: [] }
  let cut: { readonly bytes: number; readonly error: unknown } | null = null

  /** Counts a call, lets it wait or fail; `late` is what it does before a late failure. */
  const enter = async (
    operation: StoreOperation,
    signal: AbortSignal | undefined,
    late?: () => void,
  ): Promise<void> => {
    calls[operation]++
    signal?.throwIfAborted()
    const hold = holds[operation].shift()
    if (hold !== undefined) {
      hold.reached.resolve()
      await Promise.race([hold.released.promise, abortOf(signal)])
    }
    const fault = faults[operation].shift()
    if (fault?.late === true) late?.()
    if (fault !== undefined) throw fault.error
  }

  return {
    objects,
    calls,
    fail(operation, error, { times = 1, late = false } = {}) {
      for (let i = 0; i < times; i++) faults[operation].push({ error, late })
    },
    cut(bytes, error) {
      cut = { bytes, error }
    },
    hold(operation) {
      const hold: Hold = { reached: Promise.withResolvers(), released: Promise.withResolvers() }
      holds[operation].push(hold)
      return { reached: hold.reached.promise, release: () => hold.released.resolve() }
    },
    async put(key, body, signal) {
      const store = (): void => void objects.set(key, new Uint8Array(body))
      await enter('put', signal, store)
      store()
    },
    async get(key, { from = 0, signal } = {}) {
      await enter('get', signal)
      const bytes = objects.get(key)
      if (bytes === undefined) return null
      const lost = cut
      cut = null
      return { size: bytes.length, body: chunks(bytes.subarray(from), chunkSize, lost, signal) }
    },
    async *list(prefix, { after = '', signal } = {}) {
      const sorted = [...objects]
        .filter(([key]) => key.startsWith(prefix) && !key.slice(prefix.length).includes('/'))
        .filter(([key]) => inOrder(after, key) < 0)
        .sort(([one], [other]) => inOrder(one, other))
        .map(([key, { length }]) => ({ key, size: length }))
      for (let i = 0; i === 0 || i < sorted.length; i += pageSize) {
        await enter('list', signal)
        yield sorted.slice(i, i + pageSize)
      }
    },
    async folders(prefix, signal) {
      await enter('folders', signal)
      const below = [...objects.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => key.slice(prefix.length))
        .filter((rest) => rest.includes('/'))
        .map((rest) => rest.slice(0, rest.indexOf('/')))
      return [...new Set(below)].sort(inOrder)
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function* chunks(
  bytes: Uint8Array,
  chunkSize: number,
  cut: { readonly bytes: number; readonly error: unknown } | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const end = cut === null ? bytes.length : Math.min(cut.bytes, bytes.length)
  for (let i = 0; i < end; i += chunkSize) {
    signal?.throwIfAborted()
    yield bytes.subarray(i, Math.min(i + chunkSize, end))
  }
  if (cut !== null) throw cut.error
}

const inOrder = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other))

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}
