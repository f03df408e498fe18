import { setTimeout as wait } from 'node:timers/promises'
import type { LineCounter } from './line-counter.ts'
import { amount, type Progress } from './progress.ts'

export interface Follow {
  readonly from: LineCounter
  readonly to: LineCounter
  readonly progress: Progress
  /** Throws when a connector or task has failed. */
  rethrow(): void
}

const LOOK_EVERY_MS = 100

/** Shows how the copy goes on. Resolves to the lines that are copied once all are, or to null when stopped. */
export async function follow(
  { from, to, progress, rethrow }: Follow,
  { stop, until }: { stop: AbortSignal; until: 'all-copied' | 'stopped' },
): Promise<number | null> {
  let copied = (await to.count()).lines
  while (!stop.aborted) {
    rethrow()
    const [wanted, now] = [await from.count(), await to.count()]
    if (until === 'all-copied') {
      progress.update(now.lines, wanted.lines, performance.now())
      if (now.lines >= wanted.lines) return now.lines
    } else if (now.lines > copied) {
      progress.say(`  ${amount(now.lines - copied)} more: ${now.last}`)
    }
    copied = now.lines
    await wait(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => {})
  }
  return null
}
