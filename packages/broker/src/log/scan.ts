import type { RecordBatch } from '@isthmus/protocol'
import {
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_ENDS,
  BatchError,
  batchSize,
  MalformedError,
  readBatches,
} from '@isthmus/protocol'
import type { SegmentFiles } from '../storage/segment-files.ts'
import type { Segment } from './segment.ts'

const CHUNK = 1 << 20

export interface ScannedBatch {
  readonly batch: RecordBatch
  readonly position: number
}

/** The batches of a segment from `position`, a batch boundary, without what is known to be damaged. */
export function* intactBatches(
  files: SegmentFiles,
  segment: Segment,
  position: number,
  checkCrc: boolean,
): Generator<ScannedBatch> {
  for (let at = segment.intactFrom(position); at < segment.size; ) {
    const end = segment.intactTo(at)
    yield* batchesIn(files, segment.path, at, end, checkCrc)
    at = segment.intactFrom(end)
  }
}

/** The batches of a file from `position`, a batch boundary, to `end`. Throws `MalformedError` at what is no whole, valid batch. */
export function* batchesIn(
  files: SegmentFiles,
  path: string,
  position: number,
  end: number,
  checkCrc: boolean,
): Generator<ScannedBatch> {
  let at = position
  let wanted = CHUNK
  while (at < end) {
    const chunk = files.read(path, at, Math.min(wanted, end - at))
    const whole = wholeBatches(chunk)
    if (whole === 0) {
      const size = sizeOf(chunk, 0)
      if (chunk.length >= end - at || size > end - at)
        throw new MalformedError(`The batch at ${at} of ${path} is cut short`)
      wanted = Math.max(size, CHUNK)
      continue
    }
    wanted = CHUNK
    let inside = 0
    while (inside < whole) {
      const size = sizeOf(chunk, inside)
      const [batch] = readBatches(chunk.subarray(inside, inside + size), { checkCrc, partial: 'refuse' })
      if (!batch) throw new MalformedError(`There is no batch at ${at + inside} of ${path}`)
      yield { batch, position: at + inside }
      inside += size
    }
    at += whole
  }
}

/** How many bytes of `chunk` are whole batches, by their lengths; they end before one whose length cannot be. */
function wholeBatches(chunk: Buffer): number {
  let at = 0
  while (chunk.length - at >= BATCH_HEADER_BYTES) {
    const size = batchSize(chunk, at)
    if (size < BATCH_HEADER_BYTES || size > chunk.length - at) break
    at += size
  }
  return at
}

function sizeOf(chunk: Buffer, at: number): number {
  if (chunk.length - at < BATCH_LENGTH_ENDS) throw new MalformedError('A batch is cut short in its header')
  const size = batchSize(chunk, at)
  if (size < BATCH_HEADER_BYTES) throw new MalformedError(`A batch of ${size} bytes is less than its header`)
  return size
}

const MAGIC = 2

/** The whole, valid batch at `position`; null when there is none. */
export function batchAt(
  files: SegmentFiles,
  path: string,
  position: number,
  end: number,
): RecordBatch | null {
  if (end - position < BATCH_HEADER_BYTES) return null
  const header = files.read(path, position, BATCH_HEADER_BYTES)
  const size = batchSize(header, 0)
  if (header[BATCH_AT.magic] !== MAGIC || size < BATCH_HEADER_BYTES || size > end - position) return null
  try {
    return readBatches(files.read(path, position, size))[0] ?? null
  } catch (error) {
    if (error instanceof BatchError) return null
    throw error
  }
}

/** The next whole, valid batch at or behind `position`, wherever it begins, that `wanted` takes. */
export function nextBatch(
  files: SegmentFiles,
  path: string,
  position: number,
  end: number,
  wanted: (batch: RecordBatch, position: number) => boolean,
): ScannedBatch | null {
  for (let at = position; end - at >= BATCH_HEADER_BYTES; ) {
    const chunk = files.read(path, at, Math.min(CHUNK, end - at))
    const candidates = chunk.length - BATCH_HEADER_BYTES + 1
    for (
      let found = magicFrom(chunk, 0);
      found >= 0 && found < candidates;
      found = magicFrom(chunk, found + 1)
    ) {
      const size = batchSize(chunk, found)
      if (size < BATCH_HEADER_BYTES || size > end - at - found) continue
      const batch = batchAt(files, path, at + found, end)
      if (batch && wanted(batch, at + found)) return { batch, position: at + found }
    }
    at += candidates
  }
  return null
}

/** Where a batch may begin from `at` on, by its magic byte; -1 when nowhere. */
function magicFrom(chunk: Buffer, at: number): number {
  const magic = chunk.indexOf(MAGIC, at + BATCH_AT.magic)
  return magic < 0 ? -1 : magic - BATCH_AT.magic
}
