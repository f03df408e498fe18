import type { RecordBatch } from '@isthmus/protocol'
import { decodeRecords } from '@isthmus/protocol'
import type { SegmentFiles } from '../storage/segment-files.ts'
import type { LogState } from './load.ts'
import { intactBatches } from './scan.ts'

export interface Found {
  readonly offset: number
  readonly timestamp: number
}

/** The first record from the log's start on whose timestamp is not before `timestamp`. */
export function recordAtOrAfter(files: SegmentFiles, state: LogState, timestamp: number): Found | null {
  for (const segment of state.segments) {
    if (segment.maxTimestamp < timestamp || segment.nextOffset <= state.startOffset) continue
    const from = segment.positionBefore(timestamp)
    for (const { batch } of intactBatches(files, segment, from, false)) {
      if (batch.control || batch.maxTimestamp < timestamp || batch.lastOffset < state.startOffset) continue
      const record = decodeRecords(batch).find(
        (candidate) => candidate.timestamp >= timestamp && candidate.offset >= state.startOffset,
      )
      if (record) return { offset: record.offset, timestamp: record.timestamp }
    }
  }
  return null
}

/** The first record with the greatest timestamp. */
export function maxTimestampIn(files: SegmentFiles, state: LogState): Found | null {
  let greatest = -1
  for (const segment of state.segments) greatest = Math.max(greatest, segment.maxTimestamp)
  if (greatest < 0) return null
  const segment = state.segments.find(({ maxTimestamp }) => maxTimestamp === greatest)
  if (!segment) return null
  const from = segment.positionBefore(greatest)
  for (const { batch } of intactBatches(files, segment, from, false)) {
    const found = batch.maxTimestamp === greatest ? recordWith(batch, greatest) : null
    if (found) return found
  }
  return null
}

function recordWith(batch: RecordBatch, timestamp: number): Found | null {
  const record = decodeRecords(batch).find((candidate) => candidate.timestamp === timestamp)
  return record ? { offset: record.offset, timestamp } : null
}
