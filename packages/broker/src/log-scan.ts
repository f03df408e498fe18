import type { RecordBatch } from '@isthmus/protocol'
import { MalformedError, readBatches } from '@isthmus/protocol'
import type { SegmentFiles } from './segment-files.ts'

const CHUNK = 1 << 20
/** The length field of a batch does not count what lies before its end. */
const LENGTH_AT = 8
const BEFORE_LENGTH_ENDS = 12
const SMALLEST_BATCH = 61

export interface ScannedBatch {
  readonly batch: RecordBatch
  readonly position: number
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

/** How many bytes of `chunk` are whole batches, by their lengths. */
function wholeBatches(chunk: Buffer): number {
  let at = 0
  while (chunk.length - at >= SMALLEST_BATCH) {
    const size = sizeOf(chunk, at)
    if (size > chunk.length - at) break
    at += size
  }
  return at
}

function sizeOf(chunk: Buffer, at: number): number {
  if (chunk.length - at < BEFORE_LENGTH_ENDS) throw new MalformedError('A batch is cut short in its header')
  const size = chunk.readInt32BE(at + LENGTH_AT) + BEFORE_LENGTH_ENDS
  if (size < SMALLEST_BATCH) throw new MalformedError(`A batch of ${size} bytes is less than its header`)
  return size
}
