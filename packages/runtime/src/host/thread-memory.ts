import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Worker } from 'node:worker_threads'
import { atMost } from '../waiting.ts'
import { YOUNG_MB } from './host.ts'
import { lookWhenMemoryGrows } from './memory-looks.ts'
import { inTurn, restAfter, restAt, restFrom } from './rest.ts'

/**
 * What one call may take beyond the heap of a thread before V8 ends the whole process: it cannot end a thread inside a call of its own.
 * With as much, most calls come to an end, and the thread is ended after them.
 */
export const HEADROOM_MB = 512
/** For what the clients of a task hold outside the heap: batches that were fetched or are to be sent. */
export const TASK_BUFFERS_MB = 64

export const COLLECT = 'collect'
/** To collect all that there is, and to give the system what is free then: it takes several times as long. */
export const GIVE_BACK = 'give-back'

/** What a thread holds, in MiB. */
export interface Held {
  readonly heap: number
  /** Outside the heap: buffers, mostly. */
  readonly buffers: number
}
/** After a collection. */
export interface Collected extends Held {
  /** What V8 has from the system for the heap, in MiB. */
  readonly reserved: number
}

/** Where it has grown by so much since the look before, it is looked at again soon. */
const GROWTH_MB = 32
const SOON_MS = 100
/** So long it is waited for a thread that is to collect its garbage. */
const PATIENCE_MS = 1000

interface HeapStatistics {
  readonly total_heap_size: number
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

const reservedIn = ({ total_heap_size: reserved }: HeapStatistics): number => reserved / 2 ** 20

type Collect = (how?: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void

/** In the thread: lets go of all garbage, and gives what is held then. */
export function collectGarbage(message: typeof COLLECT | typeof GIVE_BACK): Collected {
  if (collect === null) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  if (message === COLLECT) collect()
  else collect({ type: 'major', flavor: 'last-resort' })
  const statistics = getHeapStatistics()
  return { ...heldIn(statistics), reserved: reservedIn(statistics) }
}
let collect: Collect | null = null

/** Looks at a thread from outside, where no loop in it can hinder that. */
export interface MemoryWatch extends Disposable {
  /** The thread has started: before that there is nothing to look at. */
  started(): void
  /** The thread has collected its garbage. */
  collected(collected: Collected): void
}

/**
 * `over` is called once, with what the thread holds of what it holds too much. What may be garbage counts only when the thread has
 * collected it. Of one that is too busy to do so, buffers count, whose garbage V8 sees to by itself, and a heap that is too large to
 * be garbage. A thread that has become quiet is told to give back what it no longer needs.
 */
export function watchMemory(
  worker: Pick<Worker, 'getHeapStatistics' | 'performance' | 'postMessage'>,
  allowed: () => Held,
  over: (what: keyof Held, held: Held) => void,
): MemoryWatch {
  let looks: Disposable | null = null
  /** Of the next look, where that is to be soon. */
  let timer: NodeJS.Timeout | null = null
  let looking = false
  let closed = false
  let before = 0
  let rest = restFrom(performance.now())
  /** While it gives back what it no longer needs. */
  let given: PromiseWithResolvers<void> | null = null
  /** When it was asked to collect its garbage; null while it is not. */
  let askedAt: number | null = null

  const close = () => {
    closed = true
    looks?.[Symbol.dispose]()
    clearTimeout(timer ?? undefined)
    given?.resolve()
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
    let statistics: HeapStatistics
    try {
      statistics = (await worker.getHeapStatistics()) as HeapStatistics
    } catch {
      // it has ended
      return close()
    }
    looking = false
    if (closed) return
    const held = heldIn(statistics)
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
    const { active } = worker.performance.eventLoopUtilization()
    rest = restAt(rest, { now: performance.now(), activeMs: active, reservedMb: reservedIn(statistics) })
    if (rest.due && what === null && given === null) giveBack()
  }
  const giveBack = () => {
    const done = Promise.withResolvers<void>()
    given = done
    inTurn(async () => {
      if (closed) return
      worker.postMessage(GIVE_BACK)
      await atMost(done.promise, PATIENCE_MS)
    })
  }
  return {
    started() {
      if (!closed) looks = lookWhenMemoryGrows(() => void look())
    },
    collected(held) {
      askedAt = null
      given?.resolve()
      given = null
      rest = restAfter(rest, held.reserved, performance.now())
      const what = tooMuch(held)
      if (what !== null) end(what, held)
    },
    [Symbol.dispose]: close,
  }
}
