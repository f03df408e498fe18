import type { Segment } from './log-segment.ts'
import type { SegmentFiles } from './segment-files.ts'

const HEADER = 61
const LENGTH_AT = 8
const BEFORE_LENGTH_ENDS = 12
const LAST_OFFSET_DELTA_AT = 23
/** Readers that go on where they stopped; more than a handful at once on one partition are rare. */
const CURSORS = 8
/** What is read beyond `maxBytes`, as an index entry may lie that far before the offset. */
const SLACK = 64 << 10

interface Cursor {
  readonly segment: Segment
  readonly offset: number
  readonly position: number
}

/** Reads batches from segment files, remembering where its readers stopped. */
export class LogReader {
  private readonly files: SegmentFiles
  private cursors: Cursor[] = []

  constructor(files: SegmentFiles) {
    this.files = files
  }

  /** The segments have changed. */
  forget(): void {
    this.cursors = []
  }

  /** Whole batches from the one that holds `offset`, or the next one there is; all begin before `limit`. */
  read(segments: readonly Segment[], offset: number, limit: number, maxBytes: number): Buffer {
    let at = segments.length - 1
    while (at > 0 && (segments[at] as Segment).baseOffset > offset) at--
    for (; at < segments.length; at++) {
      const segment = segments[at] as Segment
      if (segment.baseOffset >= limit) break
      if (segment.nextOffset <= offset) continue
      const records = this.readSegment(segment, offset, limit, maxBytes)
      // compaction may have removed all that follows in this segment
      if (records.length > 0) return records
    }
    return Buffer.alloc(0)
  }

  private readSegment(segment: Segment, offset: number, limit: number, maxBytes: number): Buffer {
    const cursor = this.cursors.find((c) => c.segment === segment && c.offset === offset)
    let position = cursor ? cursor.position : segment.positionOf(offset)
    let wanted = Math.max(maxBytes, HEADER) + (cursor ? 0 : SLACK)
    for (;;) {
      const length = Math.min(wanted, segment.size - position)
      if (length < HEADER) return Buffer.alloc(0)
      const chunk = this.files.read(segment.path, position, length)
      const found = cut(chunk, offset, limit, maxBytes)
      if (found.end > found.start) {
        this.remember(segment, found.nextOffset, position + found.end)
        return chunk.subarray(found.start, found.end)
      }
      if (found.past || (found.start === 0 && found.needed === 0)) return Buffer.alloc(0)
      // everything so far lay before the offset, or the batch that holds it is bigger than what was read
      position += found.start
      wanted = Math.max(found.needed, maxBytes, HEADER)
    }
  }

  private remember(segment: Segment, offset: number, position: number): void {
    if (this.cursors.length === CURSORS) this.cursors.shift()
    this.cursors.push({ segment, offset, position })
  }
}

/** Where in `chunk`, which begins at a batch, the wanted batches lie; `needed` is the size of a batch that it holds in part. */
function cut(chunk: Buffer, offset: number, limit: number, maxBytes: number) {
  let at = 0
  let start = -1
  let nextOffset = offset
  let needed = 0
  let past = false
  while (at < chunk.length) {
    if (chunk.length - at < HEADER) {
      needed = HEADER
      break
    }
    const size = chunk.readInt32BE(at + LENGTH_AT) + BEFORE_LENGTH_ENDS
    const baseOffset = chunk.readUInt32BE(at) * 0x100000000 + chunk.readUInt32BE(at + 4)
    if (baseOffset >= limit) {
      past = true
      break
    }
    const lastOffset = baseOffset + chunk.readInt32BE(at + LAST_OFFSET_DELTA_AT)
    if (start < 0 && lastOffset >= offset) start = at
    if (size > chunk.length - at) {
      needed = size
      break
    }
    if (start >= 0) {
      if (at > start && at + size - start > maxBytes) break
      nextOffset = lastOffset + 1
    }
    at += size
  }
  if (start < 0 || at === start) return { start: at, end: at, nextOffset, needed, past }
  return { start, end: at, nextOffset, needed, past }
}
