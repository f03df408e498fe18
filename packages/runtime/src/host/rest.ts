/** How long a thread has been at rest, by what was seen of it. */
export interface Rest {
  readonly seenAt: number
  /** How long its code had run by then, since it began. */
  readonly activeMs: number
  /** Null while it works. */
  readonly sinceMs: number | null
  /** When it last gave back what it no longer needed, and what V8 had for its heap then, in MiB. */
  readonly gaveAt: number
  readonly keptMb: number
  /** It is time to give back again. */
  readonly due: boolean
}
/** Of a thread that starts now. */
export const restFrom = (now: number): Rest => ({
  seenAt: now,
  activeMs: 0,
  sinceMs: null,
  gaveAt: -Infinity,
  keptMb: 0,
  due: false,
})

/** Of a thread whose code runs for no more than this share of the time, a collection is not in the way of anything. */
const REST_SHARE = 0.05
/** So long it is to last. */
const REST_MS = 4000
/** One that works a little now and then is not to collect all day. */
const AGAIN_MS = 60_000
/** It is not worth its while for less. */
const WORTH_MB = 2

/** What is seen of a thread now: its code has run for so long since it began, and V8 has so much for its heap. Pure. */
export function restAt(
  before: Rest,
  {
    now,
    activeMs,
    reservedMb,
  }: { readonly now: number; readonly activeMs: number; readonly reservedMb: number },
): Rest {
  const rests = activeMs - before.activeMs <= (now - before.seenAt) * REST_SHARE
  const sinceMs = rests ? (before.sinceMs ?? before.seenAt) : null
  const due =
    sinceMs !== null &&
    now - sinceMs >= REST_MS &&
    now - before.gaveAt >= AGAIN_MS &&
    reservedMb >= before.keptMb + WORTH_MB
  return { ...before, seenAt: now, activeMs, sinceMs, due }
}

/** It has collected its garbage, whoever asked for that, and keeps so much. */
export const restAfter = (before: Rest, keptMb: number, now: number): Rest => ({
  ...before,
  gaveAt: now,
  keptMb,
  due: false,
})

let turn: Promise<void> = Promise.resolve()

/** One after the other: threads that have come to rest together are not to keep all cores busy together. `give` never rejects. */
export function inTurn(give: () => Promise<void>): void {
  turn = turn.then(give)
}
