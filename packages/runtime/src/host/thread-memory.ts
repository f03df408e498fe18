import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'
import { YOUNG_MB } from './host.ts'
import { lookWhenMemoryGrows } from './memory-looks.ts'

/**
 * What one call may take beyond the heap of a thread before V8 ends the whole process: it cannot end a thread inside a call of its own.
 * With as much, most calls come to an end, and the thread is ended after them.
 */
export const HEADROOM_MB = 512
/** For what the clients of a task hold outside the heap: batches that were fetched or are to be sent. */
export const TASK_BUFFERS_MB = 64

export const COLLECT = 'collect'

/** What a thread holds, in MiB. */
export interface Held {
  readonly heap: number
  /** Outside the heap: buffers, mostly. */
  readonly buffers: number
}

/** Where it has grown by so much since the look before, it is looked at again soon. */
const GROWTH_MB = 32
const SOON_MS = 100
/** So long it is waited for a thread that is to collect its garbage. */
const PATIENCE_MS = 1000

interface HeapStatistics {
  readonly used_heap_size: number
  readonly external_memory: number
}
const heldIn = ({ used_heap_size: heap, external_memory: buffers }: HeapStatistics): Held => ({
  heap: Math.round(heap / 2 ** 20),
  buffers: Math.round(buffers / 2 ** 20),
})

/**
 * V8 collects when a heap has about doubled, and the first time when it has half of its limit. With the young generation, what is
 * beyond both is held.
 */
const noGarbageBeyond = (allowedMb: number): number =>
  Math.max(2 * allowedMb, (allowedMb + HEADROOM_MB) / 2) + 2 * YOUNG_MB

/** In the thread: lets go of all garbage, and gives what is held then. */
export function collectGarbage(): Held {
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return heldIn(getHeapStatistics())
}
let collect: (() => void) | null = null

/** Looks at a thread from outside, where no loop in it can hinder that. */
export interface MemoryWatch extends Disposable {
  /** The thread has started: before that there is nothing to look at. */
  started(): void
  /** The thread has collected its garbage. */
  collected(held: Held): void
}

/**
 * `over` is called once, with what the thread holds of what it holds too much. What may be garbage counts only when the thread has
 * collected it. Of one that is too busy to do so, buffers count, whose garbage V8 sees to by itself, and a heap that is too large to
 * be garbage.
 */
export function watchMemory(
  worker: Pick<Worker, 'getHeapStatistics' | 'postMessage'>,
  allowed: () => Held,
  over: (what: keyof Held, held: Held) => void,
): MemoryWatch {
  let looks: Disposable | null = null
  /** Of the next look, where that is to be soon. */
  let timer: NodeJS.Timeout | null = null
  let looking = false
  let closed = false
  let before = 0
  /** When it was asked to collect its garbage; null while it is not. */
  let askedAt: number | null = null

  const close = () => {
    closed = true
    looks?.[Symbol.dispose]()
    clearTimeout(timer ?? undefined)
  }
  const tooMuch = (held: Held): keyof Held | null => {
    const { heap, buffers } = allowed()
    return held.buffers > buffers ? 'buffers' : held.heap > heap ? 'heap' : null
  }
  const end = (what: keyof Held, held: Held) => {
    if (closed) return
    close()
    over(what, held)
  }
  const look = async (): Promise<void> => {
    if (looking) return
    looking = true
    let held: Held
    try {
      held = heldIn((await worker.getHeapStatistics()) as HeapStatistics)
    } catch {
      // it has ended
      return close()
    }
    looking = false
    if (closed) return
    const what = tooMuch(held)
    if (what === null) askedAt = null
    else if (askedAt === null) {
      askedAt = performance.now()
      worker.postMessage(COLLECT)
    } else if (performance.now() - askedAt > PATIENCE_MS) {
      if (what === 'buffers' || held.heap > noGarbageBeyond(allowed().heap)) return end(what, held)
    }
    const sum = held.heap + held.buffers
    if (what !== null || sum > before + GROWTH_MB) {
      clearTimeout(timer ?? undefined)
      timer = setTimeout(() => void look(), SOON_MS).unref()
    }
    before = sum
  }
  return {
    started() {
      if (!closed) looks = lookWhenMemoryGrows(() => void look())
    },
    collected(held) {
      askedAt = null
      const what = tooMuch(held)
      if (what !== null) end(what, held)
    },
    [Symbol.dispose]: close,
  }
}
