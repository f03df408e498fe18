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
  readonly offsets: readonly number[]
  readonly positions: readonly number[]
  readonly timestamps: readonly number[]
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
  inode = 0
  /** First offsets, ascending. */
  private offsets: number[] = []
  private positions: number[] = []
  /** The greatest timestamp before the entry. */
  private timestamps: number[] = []
  private indexed = 0

  constructor(directory: string, baseOffset: number) {
    this.baseOffset = baseOffset
    this.nextOffset = baseOffset
    this.path = join(directory, segmentName(baseOffset))
  }

  static restored(directory: string, state: SegmentState): Segment {
    const segment = new Segment(directory, state.baseOffset)
    segment.size = state.size
    segment.nextOffset = state.nextOffset
    segment.firstTimestamp = state.firstTimestamp
    segment.maxTimestamp = state.maxTimestamp
    segment.cleanedAt = state.cleanedAt
    segment.inode = state.inode
    segment.offsets = [...state.offsets]
    segment.positions = [...state.positions]
    segment.timestamps = [...state.timestamps]
    segment.indexed = segment.positions.at(-1) ?? 0
    return segment
  }

  state(): SegmentState {
    const { baseOffset, size, nextOffset, firstTimestamp, maxTimestamp, cleanedAt, inode } = this
    const { offsets, positions, timestamps } = this
    return {
      baseOffset,
      size,
      nextOffset,
      firstTimestamp,
      maxTimestamp,
      cleanedAt,
      inode,
      offsets,
      positions,
      timestamps,
    }
  }

  /** Takes note of the batch that was appended at the end of the file. */
  add(batch: RecordBatch, baseOffset: number, lastOffset: number, maxTimestamp: number): void {
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

  /** A batch boundary at or before the batch that holds `offset`, less than an index interval and a batch before it. */
  positionOf(offset: number): number {
    const at = lastAtMost(this.offsets, offset)
    return at < 0 ? 0 : (this.positions[at] as number)
  }

  /** A batch boundary before which no record is as late as `timestamp`. */
  positionBefore(timestamp: number): number {
    const at = lastAtMost(this.timestamps, timestamp - 1)
    return at < 0 ? 0 : (this.positions[at] as number)
  }
}

export function segmentName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.log`
}

/** The last index whose value is not above `limit`; -1 when there is none. `values` ascend. */
export function lastAtMost(values: readonly number[], limit: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
