import type { RecordBatch } from '@isthmus/protocol'
import { MalformedError } from '@isthmus/protocol'
import type { SegmentFiles } from '../storage/segment-files.ts'
import type { LogEnvironment } from './environment.ts'
import { batchAt, batchesIn, nextBatch } from './scan.ts'
import type { Damage, Segment } from './segment.ts'

/** What the offsets of a segment can be. */
export interface Expected {
  /** All of them lie before it. */
  readonly limit: number
  /** Whether no gap can be at the end: the newest segment of a log is never compacted. */
  readonly contiguous: boolean
}

/** Nobody has lost so many records: what claims to lie behind them is damaged itself. */
const LARGEST_GAP = 2 ** 31

/**
 * Takes note of the batches behind what is known of the segment, up to `end`, and of the damaged bytes between them. The answer is why
 * what is left behind the last batch is none; null when nothing is left.
 */
export function readOn(
  segment: Segment,
  end: number,
  expected: Expected,
  files: SegmentFiles,
  taken: (batch: RecordBatch) => void,
  damaged: (damage: Damage, fault: string) => void,
): string | null {
  const { path } = segment
  for (;;) {
    const fault = take()
    if (fault === null) return null
    const next = nextBatch(files, path, segment.size + 1, end, (batch, at) => isPossible(batch, at, false))
    if (!next) return fault
    const damage = {
      position: segment.size,
      end: next.position,
      offset: segment.nextOffset,
      nextOffset: next.batch.baseOffset,
    }
    segment.skip(damage)
    damaged(damage, fault)
  }

  function take(): string | null {
    try {
      for (const { batch, position } of batchesIn(files, path, segment.size, end, true)) {
        if (batch.baseOffset !== segment.nextOffset && !isPossible(batch, position, expected.contiguous))
          return `offset ${batch.baseOffset} cannot be the one behind ${segment.nextOffset - 1}`
        segment.add(batch, batch.baseOffset, batch.lastOffset, batch.maxTimestamp)
        taken(batch)
      }
      return null
    } catch (error) {
      if (error instanceof MalformedError) return error.message
      throw error
    }
  }

  /** No CRC covers a batch's first offset: one that leaves a gap is believed unless what follows contradicts it. */
  function isPossible(batch: RecordBatch, position: number, confirmed: boolean): boolean {
    const { baseOffset, lastOffset } = batch
    const gap = baseOffset - segment.nextOffset
    if (gap < 0 || gap > LARGEST_GAP || lastOffset < baseOffset || lastOffset >= expected.limit) return false
    const next = batchAt(files, path, position + batch.buffer.length, end)
    if (!next || next.baseOffset < segment.nextOffset) return !confirmed
    return next.baseOffset > lastOffset
  }
}

/** Reads the segment again, all of it, as it turned out to be damaged where it was trusted. Nothing is cut off. */
export function readAgain(segment: Segment, { files, log }: LogEnvironment): void {
  const { size, nextOffset } = segment
  const known = segment.damage.length
  const found: string[] = []
  segment.forget()
  const report = (damage: Damage, fault: string) => void found.push(damageText(segment, damage, fault))
  const fault = readOn(segment, size, { limit: nextOffset, contiguous: false }, files, () => {}, report)
  if (fault !== null) {
    const damage = { position: segment.size, end: size, offset: segment.nextOffset, nextOffset }
    segment.skip(damage)
    report(damage, fault)
  }
  if (found.length > known) for (const text of found) log.error(text)
}

export function damageText({ path }: Segment, damage: Damage, fault: string): string {
  const { position, end, offset, nextOffset } = damage
  const lost = nextOffset > offset ? `; offsets ${offset} to ${nextOffset - 1} cannot be read` : ''
  return `${path}: ${end - position} bytes at position ${position} are damaged, and stay as they are${lost}. ${fault}`
}
