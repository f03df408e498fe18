import type { TaskLog } from '@isthmus/sdk'
import type { Backlog } from './backlog.ts'

const TELL_EVERY_MS = 60_000

/** Tells that uploads fail: at the first failure, then every minute for as long as it lasts, and when it is over. */
export interface Trouble {
  /** An upload of the partition has failed, and will be tried again. */
  failed(backlog: Backlog, error: unknown): void
  /** An upload of the partition went through. */
  stored(backlog: Backlog): void
  /** The partition is no longer ours. */
  forget(backlog: Backlog): void
}

export function openTrouble(log: TaskLog, now: () => number = Date.now): Trouble {
  const failing = new Set<Backlog>()
  let since = 0
  let told = 0
  return {
    failed(backlog, error) {
      const first = failing.size === 0
      failing.add(backlog)
      const time = now()
      if (first) {
        since = time
        told = time
        log.warn(`An upload failed, and is tried again until it succeeds: ${messageOf(error)}`, error)
      } else if (time - told >= TELL_EVERY_MS) {
        told = time
        let objects = 0
        for (const { waiting } of failing) objects += waiting
        log.error(
          `Uploads have failed for ${Math.round((time - since) / 1000)} s: ${objects} objects of ${failing.size} topic-partitions wait, and no offset of theirs is committed. The last error: ${messageOf(error)}`,
          error,
        )
      }
    },
    stored(backlog) {
      if (!failing.delete(backlog) || failing.size > 0) return
      log.info(`Uploads succeed again, after ${Math.round((now() - since) / 1000)} s.`)
    },
    forget(backlog) {
      failing.delete(backlog)
    },
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
