import { setImmediate as turn } from 'node:timers/promises'

const MOST_TURNS = 100_000

/** Lets the event loop turn until something is so; for what settles by itself, without a timer. */
export async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns === MOST_TURNS) throw new Error(`Still not so after ${MOST_TURNS} turns: ${holds}`)
    await turn()
  }
}
