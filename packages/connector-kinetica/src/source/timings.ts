/** How long the reading of tables waits for what, in ms. */
export interface Timings {
  /** After this time without a row the database is asked whether it still has a monitor. */
  readonly monitorIdle: number
  /** Between looks at a table by its order column that no monitor wakes for. */
  readonly look: number
  /** The same where one does, for what it may have missed. */
  readonly lookBesideMonitor: number
  /** Before the first other try of what has failed; twice as long before each next one, up to `longestRetry`. */
  readonly retry: number
  readonly longestRetry: number
  /** Between warnings of one failure that goes on. */
  readonly reminder: number
}

export const TIMINGS: Timings = {
  monitorIdle: 60_000,
  look: 1000,
  lookBesideMonitor: 10_000,
  retry: 1000,
  longestRetry: 30_000,
  reminder: 60_000,
}
