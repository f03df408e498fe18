import { renameSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MalformedError, readBatches, retainRecords } from '@isthmus/protocol'
import type { LogEnvironment } from '../log/environment.ts'
import { beginMerger } from '../log/merger.ts'
import type { OpenLog } from '../log/open.ts'
import { readAgain } from '../log/recovery.ts'
import { intactBatches, type ScannedBatch } from '../log/scan.ts'
import type { Segment } from '../log/segment.ts'
import { isAborted, NewestOffsets } from './keys.ts'
import { SegmentWriter } from './writer.ts'

/** Keys remembered in one pass; what they do not reach is left for the next. About 150 MB. */
const MOST_KEYS = 1_000_000
/** Bytes handled before other work gets its turn. */
const TURN = 1 << 20

/** The oldest segments that may be compacted now: not the active one, nothing undecided, nothing younger than `min.compaction.lag.ms`. */
function compactable(log: OpenLog, now: number): Segment[] {
  const { segments } = log.state
  const youngest = now - log.config['min.compaction.lag.ms']
  const limit = log.lastStableOffset
  const found: Segment[] = []
  for (const segment of segments.slice(0, -1)) {
    if (segment.nextOffset > limit) break
    // what a damaged segment held cannot be told, so what lies behind it cannot be judged; its bytes are for people to look at
    if (segment.damage.length > 0) break
    if (log.config['min.compaction.lag.ms'] > 0 && segment.maxTimestamp > youngest) break
    found.push(segment)
  }
  return found
}

/** Whether enough of what may be compacted has not been, by `min.cleanable.dirty.ratio` or `max.compaction.lag.ms`. */
export function isDirty(log: OpenLog, now: number): boolean {
  let dirty = 0
  let bytes = 0
  for (const { size, cleanedAt, firstTimestamp } of compactable(log, now)) {
    bytes += size
    if (cleanedAt !== 0) continue
    dirty += size
    if (now - firstTimestamp > log.config['max.compaction.lag.ms']) return true
  }
  return dirty > 0 && dirty / bytes > log.config['min.cleanable.dirty.ratio']
}

/**
 * Rewrites the closed segments so that only the newest record of each key stays, at its offset. Tombstones, and markers of transactions
 * without records, go `delete.retention.ms` after their segment was first compacted. A new file takes the place of an old one by
 * renaming, so a crash leaves the one or the other. Lets other work run in between; gives up when the log is deleted meanwhile.
 */
export async function compactLog(
  log: OpenLog,
  environment: LogEnvironment,
  signal: AbortSignal,
): Promise<void> {
  const now = environment.now()
  const segments = compactable(log, now)
  const newest = new NewestOffsets()
  let reached = 0
  for (const segment of segments) {
    if (segment.cleanedAt === 0) {
      if (newest.size >= MOST_KEYS) break
      for await (const { batch } of inTurns(segment, environment)) newest.add(batch, log.state.aborted)
    }
    reached++
    if (signal.aborted) return
  }
  const cleaner = new Cleaner(log, environment, newest, now)
  for (const group of grouped(segments.slice(0, reached), log, now)) {
    if (signal.aborted || !(await cleaner.clean(group))) return
  }
}

/** Neighbours that together fit a segment become one, once the tombstones in them are past their time: a merger would prolong it. */
function grouped(segments: readonly Segment[], log: OpenLog, now: number): Segment[][] {
  const groups: Segment[][] = []
  let bytes = 0
  for (const segment of segments) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const settled = (s: Segment) => s.cleanedAt > 0 && now - s.cleanedAt >= log.config['delete.retention.ms']
    if (
      group &&
      last &&
      settled(last) &&
      settled(segment) &&
      bytes + segment.size <= log.config['segment.bytes']
    ) {
      group.push(segment)
      bytes += segment.size
    } else {
      groups.push([segment])
      bytes = segment.size
    }
  }
  return groups
}

class Cleaner {
  private readonly log: OpenLog
  private readonly environment: LogEnvironment
  private readonly newest: NewestOffsets
  private readonly now: number
  /** Producers with records of a transaction whose marker has not been met yet. */
  private readonly withRecords = new Set<number>()

  constructor(log: OpenLog, environment: LogEnvironment, newest: NewestOffsets, now: number) {
    this.log = log
    this.environment = environment
    this.newest = newest
    this.now = now
  }

  /** False when the segments have been deleted meanwhile. */
  async clean(group: readonly Segment[]): Promise<boolean> {
    const { log, environment, now } = this
    const [first] = group
    if (!first) return true
    using writer = new SegmentWriter(log.state.directory, first.baseOffset)
    const goneMarkers = new Set<number>()
    for (const segment of group) {
      const past = segment.cleanedAt > 0 && now - segment.cleanedAt >= log.config['delete.retention.ms']
      for await (const { batch } of inTurns(segment, environment)) {
        const kept = this.kept(batch, past)
        if (kept) writer.add(kept)
        else if (batch.control) goneMarkers.add(batch.lastOffset)
      }
    }
    const position = log.state.segments.indexOf(first)
    const here = log.state.segments.slice(position, position + group.length)
    if (position < 0 || group.some((segment, at) => segment !== here[at])) return false
    const { segment } = writer
    const cleanedAt = Math.max(...group.map((old) => old.cleanedAt || now))
    if (group.length === 1 && segment.size === first.size) {
      first.cleaned(cleanedAt, first.nextOffset)
      return true
    }
    segment.cleaned(cleanedAt, (group.at(-1) as Segment).nextOffset)
    writer.finish()
    const others = group.slice(1).map(({ baseOffset }) => baseOffset)
    const { inode, baseOffset } = segment
    using _merger =
      others.length > 0 ? beginMerger(log.state.directory, { inode, first: baseOffset, others }) : null
    environment.files.forget(segment.path)
    renameSync(writer.path, segment.path)
    log.forgetMarkers(goneMarkers)
    log.replaceSegments(position, group.length, segment)
    return true
  }

  /** What stays of a batch; null for nothing. */
  private kept(batch: ScannedBatch['batch'], past: boolean): ScannedBatch['batch'] | null {
    const { producerId } = batch
    if (batch.control) {
      const needed = this.withRecords.delete(producerId)
      return needed || !past ? batch : null
    }
    if (isAborted(batch, this.log.state.aborted)) return null
    const buffer = this.retained(batch, past)
    const retained = buffer === batch.buffer ? batch : readBatches(buffer, { checkCrc: false })[0]
    if (!retained || retained.count === 0) return null
    if (batch.transactional) this.withRecords.add(producerId)
    return retained
  }

  private retained(batch: ScannedBatch['batch'], past: boolean): Buffer {
    try {
      return retainRecords(batch, ({ key, value, offset }) => {
        if (key === null || this.newest.supersedes(key, offset)) return false
        return value !== null || !past
      })
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      // a topic that was not compacted takes any compressed payload; what cannot be read is left as it is
      return batch.buffer
    }
  }
}

async function* inTurns(segment: Segment, environment: LogEnvironment): AsyncGenerator<ScannedBatch> {
  let handled = 0
  try {
    for (const scanned of intactBatches(environment.files, segment, 0, true)) {
      yield scanned
      handled += scanned.batch.buffer.length
      if (handled < TURN) continue
      handled = 0
      await nextTurn()
    }
  } catch (error) {
    // from now on it is known to be damaged, and left alone
    if (error instanceof MalformedError) readAgain(segment, environment)
    throw error
  }
}
