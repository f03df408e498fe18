import type { TaskLog } from '@isthmus/sdk'
import type { SourceTable } from '../config/source.ts'
import type { Database } from '../database/database.ts'
import type { Limits } from './limits.ts'
import type { RecordQueue } from './record-queue.ts'
import type { Timings } from './timings.ts'

/** What the reading of one table stands on. */
export interface Reading {
  readonly table: SourceTable
  readonly topic: string
  readonly database: Database
  readonly queue: RecordQueue
  readonly log: TaskLog
  readonly timings: Timings
  readonly limits: Limits
  /** Aborts when the table is to be read no more. */
  readonly signal: AbortSignal
  /** Is called when the first attempt to read has succeeded or failed: from then on the task counts as started. */
  readonly tried: () => void
}
