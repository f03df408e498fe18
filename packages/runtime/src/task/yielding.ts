/** At least this often timers, sockets and messages of the thread get their turn. */
const TURN_MS = 5

/** For a loop that may run on promises alone: what it calls after each round returns a promise to wait for when a turn is due. */
export function openYield(): () => Promise<void> | undefined {
  let last = performance.now()
  return () => {
    if (performance.now() - last <= TURN_MS) return undefined
    return new Promise(setImmediate).then(() => {
      last = performance.now()
    })
  }
}
