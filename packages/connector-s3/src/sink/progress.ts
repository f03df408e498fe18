import type { TaskLog } from '@isthmus/sdk'
import type { WaitingObject } from './backlog.ts'

const EVERY_MS = 10_000
const MEGABYTE = 1_000_000

/** Says every ten seconds what has been stored; nothing when that is nothing. */
export interface Progress {
  stored(object: WaitingObject): void
  /** To be called now and then. */
  tell(): void
}

export function openProgress(log: TaskLog, now: () => number = Date.now): Progress {
  let since = now()
  let records = 0
  let objects = 0
  let bytes = 0
  return {
    stored(object) {
      records += object.records
      objects++
      bytes += object.bytes.length
    },
    tell() {
      const time = now()
      if (time - since < EVERY_MS) return
      if (objects > 0)
        log.info(
          `Backed up ${records} records, ${(bytes / MEGABYTE).toFixed(1)} MB in ${objects} objects, in the last ${Math.round((time - since) / 1000)} s`,
        )
      since = time
      records = 0
      objects = 0
      bytes = 0
    },
  }
}
