/**
 * How often a request is made before its failure is the task's: as the connector of the JVM does, once and five times more. The pauses add
 * up to 12 seconds at most.
 */
export const ATTEMPTS = 6

const FIRST_MS = 400
const LONGEST_MS = 5_000

/** How long to wait after the attempt of this number (the first is 1). Half of it is left to chance, so that tasks that failed together do not come back together. */
export function usualPause(attempt: number, random: number = Math.random()): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  return Math.round((full * (1 + random)) / 2)
}
