import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

const ROUNDS = 4

/**
 * Plays `round` a few times; fails where each time leaves something behind that keeps the process alive, or an open file. What is opened once,
 * and shared by all, is no leak.
 */
export async function leavesNothing(round: () => Promise<void>, patienceMs: number): Promise<void> {
  // what is loaded or opened once belongs to nobody
  await round()
  const before = held()
  for (let left = ROUNDS; left > 0; left--) await round()
  const deadline = performance.now() + patienceMs
  for (;;) {
    // connections take a moment to close
    await turn()
    const grown = [...held()].filter(([what, count]) => count - (before.get(what) ?? 0) >= ROUNDS)
    if (grown.length === 0) return
    if (performance.now() > deadline)
      assert.fail(
        `opened and disposed of ${ROUNDS} times, it left ${grown.map(([what, count]) => `${count - (before.get(what) ?? 0)} × ${what}`).join(', ')}`,
      )
  }
}

/** How many there are of each kind of what keeps the process alive; and of files, where the system tells. */
function held(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const what of process.getActiveResourcesInfo())
    if (what !== 'Immediate') counts.set(what, (counts.get(what) ?? 0) + 1)
  try {
    counts.set('open file', readdirSync('/proc/self/fd').length)
  } catch {
    // not on this system
  }
  return counts
}
