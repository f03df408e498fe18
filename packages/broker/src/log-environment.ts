import type { BrokerLog } from './context.ts'
import type { SegmentFiles } from './segment-files.ts'
import type { StorageTrouble } from './storage-trouble.ts'
import type { TailCache } from './tail-cache.ts'

/** What all logs of a broker share. */
export interface LogEnvironment {
  readonly files: SegmentFiles
  readonly tails: TailCache
  readonly now: () => number
  readonly log: BrokerLog
  readonly trouble: StorageTrouble
}
