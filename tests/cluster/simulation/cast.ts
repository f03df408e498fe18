import type { SimGroup, SimWorker } from './worker.ts'

/** Who takes part in a play: what events happen to. */
export interface Cast {
  readonly group: SimGroup
  /** Those that have not ended. */
  readonly workers: SimWorker[]
  readonly names: { workers: number; connectors: number }
  /** What goes on beside the events: lives that end, faults that pass. */
  readonly pending: Set<Promise<unknown>>
}
