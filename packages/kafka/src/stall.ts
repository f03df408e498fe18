import { AsyncLocalStorage } from 'node:async_hooks'
import type { KafkaError } from './errors.ts'

/** For a while nothing has become of what waits: told when that is clear, from time to time while it lasts, and when it is over. */
export interface Stall {
  readonly phase: 'begun' | 'lasts' | 'over'
  /** Since the last sign of progress. */
  readonly ms: number
  /** How many records of a producer, or partitions of a fetcher, wait; at most, when it is over. */
  readonly waiting: number
  /** What failed last; null when there was no answer at all. */
  readonly error: KafkaError | null
}
export type Stalled = (stall: Stall) => void

/** What waits now, and since when nothing has become of it. */
export interface Waiting {
  readonly since: number
  readonly waiting: number
  readonly error: KafkaError | null
}
export interface StallTimes {
  readonly firstMs: number
  readonly againMs: number
}
const TIMES: StallTimes = { firstMs: 10_000, againMs: 60_000 }
const LOOK_MS = 1_000

interface Told {
  readonly since: number
  readonly at: number
  readonly most: number
}

/** What is to be told now, and what has been told then; pure. */
export function stallAt(
  now: number,
  told: Told | null,
  found: Waiting | null,
  { firstMs, againMs }: StallTimes,
): { readonly told: Told | null; readonly stall: Stall | null } {
  if (told === null) {
    if (found === null || now - found.since < firstMs) return { told, stall: null }
    const { since, waiting, error } = found
    return {
      told: { since, at: now, most: waiting },
      stall: { phase: 'begun', ms: now - since, waiting, error },
    }
  }
  const ms = now - told.since
  if (found === null || found.since > told.since)
    return { told: null, stall: { phase: 'over', ms, waiting: told.most, error: null } }
  const { waiting, error } = found
  const most = Math.max(told.most, waiting)
  if (now - told.at < againMs) return { told: { ...told, most }, stall: null }
  return { told: { ...told, at: now, most }, stall: { phase: 'lasts', ms, waiting, error } }
}

/** Looks every second until `signal` aborts. */
export function watchStalls(
  look: (now: number) => Waiting | null,
  tell: Stalled | undefined,
  signal: AbortSignal,
  times: StallTimes = TIMES,
): void {
  if (tell === undefined || signal.aborted) return
  let told: Told | null = null
  // the timer is of whoever came first; what is told is told by who asked for it
  const asOneself = AsyncLocalStorage.snapshot()
  const end = everySecond((now) => {
    const next = stallAt(now, told, look(now), times)
    told = next.told
    if (next.stall !== null) asOneself(tell, next.stall)
  })
  signal.addEventListener('abort', end, { once: true })
}

const looks = new Set<(now: number) => void>()
let timer: NodeJS.Timeout | null = null

/** All clients of a thread have one timer: hundreds that have nothing to do wake it once a second. Answers what ends the looks. */
function everySecond(look: (now: number) => void): () => void {
  looks.add(look)
  timer ??= setInterval(() => {
    const now = Date.now()
    for (const one of looks) one(now)
  }, LOOK_MS).unref()
  return () => {
    looks.delete(look)
    if (looks.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}
