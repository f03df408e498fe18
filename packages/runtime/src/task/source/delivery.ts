import type { SourceRecord } from '@isthmus/sdk'
import type { Batch } from './dispatch.ts'

/**
 * How what a source task polled comes to Kafka, and its offsets to where they are stored. The guarantee of a task lies in this; the loop
 * only polls, and dispatches one batch after the other. Commits are the delivery's own business: when they are due, and what they wait for.
 */
export interface Delivery {
  /** Takes what a poll returned, in order. The batch before it is done. */
  begin(records: readonly SourceRecord[]): Batch
  /** Throws what sending has ended in, where that was not tolerated; to be asked before each poll, and after `close`. */
  rethrow(): void
  /** Settles what is under way, as far as there is time, and commits it. Afterwards the task is told nothing more. Never rejects. */
  close(): Promise<void>
}
