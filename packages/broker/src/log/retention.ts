import type { TopicConfig } from '../topics/config.ts'
import type { OpenLog } from './open.ts'
import type { Segment } from './segment.ts'

/** How many of the oldest segments `retention.ms` and `retention.bytes` let go. */
export function expiredSegments(
  segments: readonly Pick<Segment, 'size' | 'maxTimestamp'>[],
  config: Pick<TopicConfig, 'retention.ms' | 'retention.bytes'>,
  now: number,
): number {
  const { 'retention.ms': retentionMs, 'retention.bytes': retentionBytes } = config
  let byAge = 0
  if (retentionMs >= 0)
    for (const { maxTimestamp } of segments) {
      if (maxTimestamp < 0 || now - maxTimestamp <= retentionMs) break
      byAge++
    }
  let bySize = 0
  if (retentionBytes >= 0) {
    let excess = segments.reduce((sum, { size }) => sum + size, 0) - retentionBytes
    for (const { size } of segments) {
      excess -= size
      if (excess < 0) break
      bySize++
    }
  }
  return Math.max(byAge, bySize)
}

/** Deletes what has expired. When that is all of the log, an empty segment goes on with its offsets. */
export function enforceRetention(log: OpenLog, now: number): void {
  if (!log.config.delete) return
  const { segments } = log.state
  const active = segments.at(-1)
  const filled = active?.size === 0 ? segments.slice(0, -1) : segments
  const count = expiredSegments(filled, log.config, now)
  if (count === 0) return
  if (count === segments.length) log.roll()
  log.dropSegments(count)
}
