import { compactLog, isDirty } from './compaction/compaction.ts'
import type { LogEnvironment } from './log/environment.ts'
import type { OpenLog } from './log/open.ts'
import { enforceRetention } from './log/retention.ts'
import { messageOf } from './request-error.ts'
import type { Topics } from './topics/topics.ts'

export interface MaintenanceOptions {
  readonly topics: Topics
  readonly environment: LogEnvironment
  /** `log.cleaner.backoff.ms`: how often to look for logs to compact and to flush. */
  readonly compactionIntervalMs: number
  /** `log.retention.check.interval.ms` */
  readonly retentionIntervalMs: number
  /** `producer.id.expiration.ms` */
  readonly producerExpirationMs: number
}

export interface Maintenance extends AsyncDisposable {
  /** Compacts a log now, all but its active segment, however little of it is dirty. One log at a time. */
  compact(log: OpenLog): Promise<void>
}

/** Compaction, retention and flushing by the clock. */
export function openMaintenance(options: MaintenanceOptions): Maintenance {
  const { topics, environment } = options
  const { log } = environment
  const closing = new AbortController()
  let queue: Promise<void> = Promise.resolve()

  function compact(target: OpenLog): Promise<void> {
    const done = queue.then(() =>
      closing.signal.aborted ? undefined : compactLog(target, environment, closing.signal),
    )
    queue = done.catch(() => {})
    return done
  }

  let looking = false
  async function look(): Promise<void> {
    if (looking) return
    looking = true
    const now = environment.now()
    for (const { log: target } of topics.openLogs()) {
      if (closing.signal.aborted) break
      try {
        if (now - target.flushedAt >= target.config['flush.ms']) target.flush()
        if (!target.config.compact) continue
        rollIfLagging(target, now)
        if (isDirty(target, now)) await compact(target)
      } catch (error) {
        log.error(`Cannot compact ${target.state.directory}: ${messageOf(error)}`)
      }
    }
    looking = false
  }

  function retain(): void {
    const now = environment.now()
    for (const { log: target } of topics.writtenLogs()) {
      try {
        enforceRetention(target, now)
        target.state.producers.expire(now - options.producerExpirationMs)
      } catch (error) {
        log.error(`Cannot delete expired segments of ${target.state.directory}: ${messageOf(error)}`)
      }
    }
  }

  const timers = [
    setInterval(() => void look(), options.compactionIntervalMs),
    setInterval(retain, options.retentionIntervalMs),
  ]
  for (const timer of timers) timer.unref()
  return {
    compact,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearInterval(timer)
      closing.abort()
      await queue
    },
  }
}

/** The active segment is never compacted, so `max.compaction.lag.ms` asks for its end. */
function rollIfLagging(log: OpenLog, now: number): void {
  const active = log.state.segments.at(-1)
  if (active && active.size > 0 && now - active.firstTimestamp > log.config['max.compaction.lag.ms'])
    log.roll()
}
