import { join } from 'node:path'
import type { RecordBatch } from '@isthmus/protocol'

/** Bytes of log between two entries of the sparse index: what a read may have to skip. */
const INDEX_INTERVAL = 32 << 10

/** What a checkpoint keeps of a segment. */
export interface SegmentState {
  readonly baseOffset: number
  readonly size: number
  readonly nextOffset: number
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  readonly cleanedAt: number
  readonly inode: number
  readonly gaps: boolean
  readonly offsets: readonly number[]
  readonly positions: readonly number[]
  readonly timestamps: readonly number[]
  readonly damage: readonly Damage[]
}

/** Bytes that are no whole batches although something lies behind them. Reading the offsets that they held is an error. */
export interface Damage {
  readonly position: number
  readonly end: number
  /** The first offset that is lost. */
  readonly offset: number
  /** The first one behind what is lost. */
  readonly nextOffset: number
}

/** One file of a log with its sparse index. An entry stands for the batch that begins at its position. */
export class Segment {
  readonly baseOffset: number
  readonly path: string
  size = 0
  /** One behind the last record's offset. */
  nextOffset: number
  /** Of the first batch; -1 while there is none. */
  firstTimestamp = -1
  maxTimestamp = -1
  /** When compaction first went over all of it; 0 when it has not. */
  cleanedAt = 0
  /** Tells the file from one that compaction put in its place. */
  readonly inode: number
  /** Whether compaction has left gaps between the offsets of batches; else a gap is a sign of damage. */
  gaps = false
  /** First offsets, ascending. */
  private offsets: number[] = []
  private positions: number[] = []
  /** The greatest timestamp before the entry. */
  private timestamps: number[] = []
  private indexed = 0
  /** In order of position; nearly always empty. */
  damage: Damage[] = []

  constructor(directory: string, baseOffset: number, inode: number) {
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.path = segmentPath(directory, baseOffset)
    this.inode = inode
  }

  static restored(directory: string, state: SegmentState): Segment {
    const segment = new Segment(directory, state.baseOffset, state.inode)
    segment.size = state.size
    segment.nextOffset = state.nextOffset
    segment.firstTimestamp = state.firstTimestamp
    segment.maxTimestamp = state.maxTimestamp
    segment.cleanedAt = state.cleanedAt
    segment.gaps = state.gaps
    segment.offsets = [...state.offsets]
    segment.positions = [...state.positions]
    segment.timestamps = [...state.timestamps]
    segment.indexed = segment.positions.at(-1) ?? 0
    segment.damage = [...state.damage]
    return segment
  }

  state(): SegmentState {
    const { baseOffset, size, nextOffset, firstTimestamp, maxTimestamp, cleanedAt, inode } = this
    const { gaps, offsets, positions, timestamps, damage } = this
    return {
      baseOffset,
      size,
      nextOffset,
      firstTimestamp,
      maxTimestamp,
      cleanedAt,
      inode,
      gaps,
      offsets,
      positions,
      timestamps,
      damage,
    }
  }

  /** Nothing is known of the file any more: it is about to be read again. */
  forget(): void {
    this.size = 0
    this.nextOffset = this.baseOffset
    this.firstTimestamp = -1
    this.maxTimestamp = -1
    this.offsets = []
    this.positions = []
    this.timestamps = []
    this.indexed = 0
    this.damage = []
    this.gaps = false
  }

  /** Takes note of the batch that was appended at the end of the file. */
  add(batch: RecordBatch, baseOffset: number, lastOffset: number, maxTimestamp: number): void {
    if (baseOffset !== this.nextOffset) this.gaps = true
    if (this.size - this.indexed >= INDEX_INTERVAL) {
      this.offsets.push(baseOffset)
      this.positions.push(this.size)
      this.timestamps.push(this.maxTimestamp)
      this.indexed = this.size
    }
    if (this.firstTimestamp < 0) this.firstTimestamp = maxTimestamp
    if (maxTimestamp > this.maxTimestamp) this.maxTimestamp = maxTimestamp
    this.size += batch.buffer.length
    this.nextOffset = lastOffset + 1
  }

  /** Takes note of damaged bytes behind what is known of the file. */
  skip(damage: Damage): void {
    this.damage.push(damage)
    // what is read from here on must never begin before the damage
    this.offsets.push(damage.nextOffset)
    this.positions.push(damage.end)
    this.timestamps.push(this.maxTimestamp)
    this.indexed = damage.end
    this.size = damage.end
    this.nextOffset = damage.nextOffset
  }

  /** Compaction has gone over all of it, first at `at`; `nextOffset` is that of the last segment whose records it holds. */
  cleaned(at: number, nextOffset: number): void {
    this.cleanedAt = at
    this.nextOffset = nextOffset
  }

  /** The damage that has taken `offset`. */
  damageAt(offset: number): Damage | undefined {
    return this.damage.find((found) => found.offset <= offset && offset < found.nextOffset)
  }

  /** Where whole batches go on from `position`, a batch boundary or the beginning of damage. */
  intactFrom(position: number): number {
    let at = position
    for (const found of this.damage) if (found.position === at) at = found.end
    return at
  }

  /** Up to where there are whole batches from `position` on. */
  intactTo(position: number): number {
    return this.damage.find((found) => found.position >= position)?.position ?? this.size
  }

  /** A batch boundary at or before the batch that holds `offset`, less than an index interval and a batch before it, and the first offset there. */
  positionOf(offset: number): { position: number; offset: number } {
    const at = lastAtMost(this.offsets, offset)
    if (at < 0) return { position: 0, offset: this.baseOffset }
    return { position: this.positions[at] as number, offset: this.offsets[at] as number }
  }

  /** A batch boundary before which no record is as late as `timestamp`. */
  positionBefore(timestamp: number): number {
    const at = lastAtMost(this.timestamps, timestamp - 1)
    return at < 0 ? 0 : (this.positions[at] as number)
  }
}

export function segmentPath(directory: string, baseOffset: number): string {
  return join(directory, `${String(baseOffset).padStart(20, '0')}.log`)
}

/** The last index whose value is not above `limit`; -1 when there is none. `values` ascend. */
function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
