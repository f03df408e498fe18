import type { Desired } from './desired.ts'

/**
 * Claims what an instance must have to itself before it may run, from whoever had it before. The instance starts when this settles, if it
 * is still to run then; it fails with what this rejects with. `signal` aborts when it is not to run any more, and its place is free for another when this has settled.
 */
export type Prepare = (desired: Desired, signal: AbortSignal) => Promise<void>

export const nothingToClaim: Prepare = async () => {}
