import type { BrokerLog } from '../broker-log.ts'
import type { SegmentFiles } from '../storage/segment-files.ts'
import type { TailCache } from '../storage/tail-cache.ts'
import type { StorageTrouble } from '../storage/trouble.ts'

/** What all logs of a broker share. */
export interface LogEnvironment {
  readonly files: SegmentFiles
  readonly tails: TailCache
  readonly now: () => number
  readonly log: BrokerLog
  readonly trouble: StorageTrouble
}
