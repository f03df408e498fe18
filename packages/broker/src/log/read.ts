import { BATCH_AT, BATCH_HEADER_BYTES, batchSize, MalformedError } from '@isthmus/protocol'
import { RequestError } from '../request-error.ts'
import type { LogEnvironment } from './environment.ts'
import { readAgain } from './recovery.ts'
import type { Segment } from './segment.ts'

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
  private readonly environment: LogEnvironment
  private cursors: Cursor[] = []

  constructor(environment: LogEnvironment) {
    this.environment = environment
  }

  /** The segments have changed. */
  forget(): void {
    this.cursors = []
  }

  /**
   * Whole batches from the one that holds `offset`, or the next one there is; all begin before `limit`. Throws CORRUPT_MESSAGE where the
   * batch that held `offset` is damaged: a reader that was moved on would have lost records without a word.
   */
  read(segments: readonly Segment[], offset: number, limit: number, maxBytes: number): Buffer {
    let at = segments.length - 1
    while (at > 0 && (segments[at] as Segment).baseOffset > offset) at--
    for (; at < segments.length; at++) {
      const segment = segments[at] as Segment
      if (segment.baseOffset >= limit) break
      if (segment.nextOffset <= offset) continue
      const records = this.readChecked(segment, offset, limit, maxBytes)
      // compaction may have removed all that follows in this segment
      if (records.length > 0) return records
    }
    return Buffer.alloc(0)
  }

  private readChecked(segment: Segment, offset: number, limit: number, maxBytes: number): Buffer {
    refuseDamage(segment, offset)
    try {
      return this.readSegment(segment, offset, limit, maxBytes)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      // it was trusted, as a checkpoint told of it
      readAgain(segment, this.environment)
      this.forget()
      refuseDamage(segment, offset)
      return this.readSegment(segment, offset, limit, maxBytes)
    }
  }

  private readSegment(segment: Segment, offset: number, limit: number, maxBytes: number): Buffer {
    const cursor = this.cursors.find((c) => c.segment === segment && c.offset === offset)
    const known = cursor ?? segment.positionOf(offset)
    let position = segment.intactFrom(known.position)
    let expected = known.offset
    const end = segment.intactTo(position)
    let wanted = Math.max(maxBytes, BATCH_HEADER_BYTES) + (cursor ? 0 : SLACK)
    for (;;) {
      const length = Math.min(wanted, end - position)
      if (length < BATCH_HEADER_BYTES) return Buffer.alloc(0)
      const chunk = this.environment.files.read(segment.path, position, length)
      const found = cut(chunk, offset, Math.min(limit, segment.nextOffset), maxBytes, expected, segment.gaps)
      if (found.end > found.start) {
        this.remember(segment, found.nextOffset, position + found.end)
        return chunk.subarray(found.start, found.end)
      }
      if (found.past || (found.start === 0 && found.needed === 0)) return Buffer.alloc(0)
      // everything so far lay before the offset, or the batch that holds it is bigger than what was read
      position += found.start
      expected = found.expected
      wanted = Math.max(found.needed, maxBytes, BATCH_HEADER_BYTES)
    }
  }

  private remember(segment: Segment, offset: number, position: number): void {
    if (this.cursors.length === CURSORS) this.cursors.shift()
    this.cursors.push({ segment, offset, position })
  }
}

/**
 * Where in `chunk`, which begins at a batch, the wanted batches lie; `needed` is the size of a batch that it holds in part. The first one
 * has the offset `first`, or a later one where there are gaps.
 */
function cut(chunk: Buffer, offset: number, limit: number, maxBytes: number, first: number, gaps: boolean) {
  let at = 0
  let start = -1
  let nextOffset = offset
  let needed = 0
  let past = false
  let expected = first
  while (at < chunk.length) {
    if (chunk.length - at < BATCH_HEADER_BYTES) {
      needed = BATCH_HEADER_BYTES
      break
    }
    const size = batchSize(chunk, at)
    const baseOffset = chunk.readUInt32BE(at) * 0x100000000 + chunk.readUInt32BE(at + 4)
    const lastOffset = baseOffset + chunk.readInt32BE(at + BATCH_AT.lastOffsetDelta)
    const isNext = gaps ? baseOffset >= expected : baseOffset === expected
    if (!isNext || size < BATCH_HEADER_BYTES || chunk[at + BATCH_AT.magic] !== 2 || lastOffset < baseOffset)
      throw new MalformedError(`There is no batch of offset ${expected} at ${at}`)
    if (baseOffset >= limit) {
      past = true
      break
    }
    if (start < 0 && lastOffset >= offset) start = at
    if (size > chunk.length - at) {
      needed = size
      break
    }
    if (start >= 0) {
      if (at > start && at + size - start > maxBytes) break
      nextOffset = lastOffset + 1
    }
    expected = lastOffset + 1
    at += size
  }
  if (start < 0 || at === start) return { start: at, end: at, nextOffset, needed, past, expected }
  return { start, end: at, nextOffset, needed, past, expected }
}

function refuseDamage(segment: Segment, offset: number): void {
  const damage = segment.damageAt(offset)
  if (!damage) return
  throw new RequestError(
    'CORRUPT_MESSAGE',
    `${segment.path} is damaged at position ${damage.position}: the offsets ${damage.offset} to ${damage.nextOffset - 1} are lost. Seek to ${damage.nextOffset}, or delete the records before it`,
  )
}
