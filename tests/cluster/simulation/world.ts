import { createRequire, syncBuiltinESMExports } from 'node:module'

/** A process of the play: what is due for it waits while it is frozen, and is void once it is dead. */
export interface Process {
  readonly name: string
  state: 'alive' | 'frozen' | 'dead'
  readonly held: Due[]
}
interface Due {
  at: number
  readonly order: number
  readonly owner: Process | null
  work: (() => void) | null
}

/**
 * One thread of time for all processes of a play: their timers and what they send each other are events, carried out one after the
 * other, each with everything that follows from it. The same seed makes the same play.
 */
export interface World extends Disposable {
  now(): number
  /** A whole number from 0 to below `limit`. */
  random(limit: number): number
  chance(percent: number): boolean
  /** Has something done in a process after a time; null is the world around them. */
  after(ms: number, owner: Process | null, work: () => void): Due
  sleep(ms: number): Promise<void>
  /** Who is running now. */
  current(): Process | null
  process(name: string): Process
  thaw(owner: Process): void
  /** Plays until `play` has settled. */
  run<T>(play: () => Promise<T>): Promise<T>
}

const START = 1_700_000_000_000
const require = createRequire(import.meta.url)
const turn = globalThis.setImmediate

export function openWorld(seed: number): World {
  let now = START
  let order = 0
  let current: Process | null = null
  const heap: Due[] = []
  let state = (seed * 2_654_435_761) >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const random = (limit: number) => Math.floor(fraction() * limit)

  const isBefore = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order)
  const push = (due: Due) => {
    let i = heap.push(due) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(due, heap[parent] as Due)) break
      heap[i] = heap[parent] as Due
      i = parent
    }
    heap[i] = due
  }
  const pop = (): Due | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++
      if (!isBefore(heap[child] as Due, last)) break
      heap[i] = heap[child] as Due
      i = child
    }
    heap[i] = last
    return first
  }
  const after = (ms: number, owner: Process | null, work: () => void): Due => {
    const due = { at: now + Math.max(0, Math.ceil(ms)), order: order++, owner, work }
    push(due)
    return due
  }
  const sleep = (ms: number) => new Promise<void>((resolve) => after(ms, null, resolve))
  const restore = patch({ now: () => now, fraction, after: (ms, work) => after(ms, current, work) })

  return {
    now: () => now,
    random,
    chance: (percent) => random(100) < percent,
    after,
    sleep,
    current: () => current,
    process: (name) => ({ name, state: 'alive', held: [] }),
    thaw(owner) {
      if (owner.state !== 'frozen') return
      owner.state = 'alive'
      for (const due of owner.held.splice(0)) push({ ...due, at: now, order: order++ })
    },
    async run(play) {
      let over = false
      const outcome = play().finally(() => {
        over = true
      })
      outcome.catch(() => {})
      await new Promise<void>((resolve) => turn(resolve))
      while (!over) {
        const due = pop()
        if (due === undefined) throw new Error('Nothing is left to happen')
        if (due.work === null || due.owner?.state === 'dead') continue
        if (due.owner?.state === 'frozen') {
          due.owner.held.push(due)
          continue
        }
        now = Math.max(now, due.at)
        current = due.owner
        const { work } = due
        due.work = null
        work()
        // all that follows from it
        await new Promise<void>((resolve) => turn(resolve))
        current = null
      }
      return await outcome
    },
    [Symbol.dispose]: restore,
  }
}

interface Replacements {
  readonly now: () => number
  readonly fraction: () => number
  readonly after: (ms: number, work: () => void) => Due
}

/** Puts the world's time and chance in place of the machine's; undone by the answer. */
function patch({ now, fraction, after }: Replacements): () => void {
  const promises = require('node:timers/promises')
  const crypto = require('node:crypto')
  const undo: (() => void)[] = []
  const replace = (target: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(target, name)
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
    undo.push(() =>
      before === undefined
        ? Reflect.deleteProperty(target, name)
        : Object.defineProperty(target, name, before),
    )
  }
  const timer = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const due = after(ms, () => work(...args))
    return Object.assign(due, { unref: () => due, ref: () => due })
  }
  const clear = (due: Due | null | undefined) => {
    if (due != null) due.work = null
  }
  replace(globalThis, 'setTimeout', timer)
  replace(globalThis, 'clearTimeout', clear)
  replace(globalThis, 'setImmediate', (work: () => void) => timer(work, 0))
  replace(globalThis, 'clearImmediate', clear)
  replace(Date, 'now', now)
  replace(performance, 'now', now)
  replace(Math, 'random', fraction)
  replace(AbortSignal, 'timeout', (ms: number) => {
    const late = new AbortController()
    after(ms, () => late.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')))
    return late.signal
  })
  replace(promises, 'setTimeout', (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const due = after(ms, () => resolve(value))
    const giveUp = () => {
      due.work = null
      reject(new DOMException('The operation was aborted', 'AbortError'))
    }
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
    return promise
  })
  let ids = 0
  replace(crypto, 'randomUUID', () => `${Math.floor(fraction() * 1e6)}-${++ids}`)
  syncBuiltinESMExports()
  return () => {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}
