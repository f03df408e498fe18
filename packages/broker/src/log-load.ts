import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MalformedError, markerOutcome } from '@isthmus/protocol'
import { readIfThere, replaceFile, writeDurably } from './durable-file.ts'
import { type AbortedRange, AbortedTransactions } from './log-aborted.ts'
import type { LogEnvironment } from './log-environment.ts'
import { type ProducerState, Producers } from './log-producers.ts'
import { batchesIn, type ScannedBatch } from './log-scan.ts'
import { Segment, type SegmentState } from './log-segment.ts'

/** All that a log knows, as it is in memory. */
export interface LogState {
  readonly directory: string
  readonly segments: Segment[]
  readonly producers: Producers
  readonly aborted: AbortedTransactions
  startOffset: number
  /** Bytes behind those that the directory's checkpoint covers: what a start after a crash has to read. */
  uncovered: number
}

interface Checkpoint {
  readonly version: 1
  readonly endOffset: number
  readonly segments: readonly SegmentState[]
  readonly producers: readonly ProducerState[]
  readonly aborted: readonly AbortedRange[]
}

const CHECKPOINT = 'checkpoint.json'
const START_OFFSET = 'start-offset'

/**
 * Reads a log's state: from the checkpoint what it covers, from the batches behind it the rest. Of the last segment, a batch that is not
 * whole or whose CRC is wrong was never acknowledged: it is cut off, with all behind it.
 */
export function loadLog(directory: string, environment: LogEnvironment): LogState {
  const state: LogState = {
    directory,
    segments: [],
    producers: new Producers(),
    aborted: new AbortedTransactions(),
    startOffset: 0,
    uncovered: 0,
  }
  const bases = segmentBases(directory)
  if (bases === null) return state
  const checkpoint = readCheckpoint(directory)
  const known = new Map(checkpoint?.segments.map((segment) => [segment.baseOffset, segment]))
  state.producers.restore(checkpoint?.producers ?? [])
  state.aborted.restore(checkpoint?.aborted ?? [])
  const covered = checkpoint?.endOffset ?? 0
  for (const baseOffset of bases) {
    const before = state.segments.at(-1)
    const saved = known.get(baseOffset)
    const candidate = new Segment(directory, baseOffset)
    // compaction merges segments: a crash may leave one behind whose records the one before it holds now
    if ((before && baseOffset < before.nextOffset) || (checkpoint && !saved && baseOffset < covered)) {
      environment.files.delete(candidate.path)
      continue
    }
    const file = environment.files.stat(candidate.path)
    const trusted = saved !== undefined && saved.inode === file.inode && saved.size <= file.size
    const segment = trusted ? Segment.restored(directory, saved) : candidate
    segment.inode = file.inode
    state.segments.push(segment)
    const coveredBytes = segment.size
    const isLast = baseOffset === bases.at(-1)
    if (segment.size < file.size) scan(segment, state, file.size, covered, isLast, environment)
    state.uncovered += segment.size - coveredBytes
  }
  const start = readIfThere(join(directory, START_OFFSET))
  state.startOffset = Math.max(Number(start ?? 0), state.segments[0]?.baseOffset ?? 0)
  state.aborted.forgetBefore(state.startOffset)
  return state
}

/** Reads the batches behind what is known of the segment. */
function scan(
  segment: Segment,
  state: LogState,
  fileSize: number,
  covered: number,
  isLast: boolean,
  environment: LogEnvironment,
): void {
  const { files, log } = environment
  try {
    for (const { batch } of batchesIn(files, segment.path, segment.size, fileSize, true)) {
      if (batch.baseOffset < segment.nextOffset)
        throw new MalformedError(`offset ${batch.baseOffset} comes after ${segment.nextOffset - 1}`)
      segment.add(batch, batch.baseOffset, batch.lastOffset, batch.maxTimestamp)
      if (batch.baseOffset >= covered) replay(batch, state)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    const place = `${segment.path}: ${fileSize - segment.size} bytes behind offset ${segment.nextOffset - 1}`
    if (isLast) {
      log.warn(`${place} are no whole batch and were never acknowledged; cut off: ${error.message}`)
      files.truncate(segment.path, segment.size)
    } else log.error(`${place} are damaged; readers will not see them: ${error.message}`)
  }
}

/** Does to producers and transactions what appending the batch did. */
export function replay(batch: ScannedBatch['batch'], state: LogState): void {
  const { producers, aborted } = state
  const { producerId, producerEpoch, baseOffset, lastOffset, maxTimestamp } = batch
  if (producerId < 0) return
  if (!batch.control) {
    producers.appended(batch, baseOffset, lastOffset, maxTimestamp)
    return
  }
  const outcome = markerOutcome(batch)
  if (outcome === null) return
  const firstOffset = producers.ended(producerId, producerEpoch, coordinatorEpochOf(batch), maxTimestamp)
  if (outcome === 'abort' && firstOffset >= 0) aborted.add({ producerId, firstOffset, lastOffset })
}

function coordinatorEpochOf({ buffer }: ScannedBatch['batch']): number {
  // the last record byte is the header count, the four before it the epoch
  return buffer.readInt32BE(buffer.length - 5)
}

/** What is in memory, as a file, so that a later start need not read the segments again. */
export function saveCheckpoint(state: LogState): void {
  const checkpoint: Checkpoint = {
    version: 1,
    endOffset: state.segments.at(-1)?.nextOffset ?? 0,
    segments: state.segments.map((segment) => segment.state()),
    producers: state.producers.snapshot(),
    aborted: state.aborted.snapshot(),
  }
  replaceFile(join(state.directory, CHECKPOINT), JSON.stringify(checkpoint))
  state.uncovered = 0
}

export function saveStartOffset(state: LogState): void {
  mkdirSync(state.directory, { recursive: true })
  writeDurably(join(state.directory, START_OFFSET), String(state.startOffset))
}

function readCheckpoint(directory: string): Checkpoint | null {
  const text = readIfThere(join(directory, CHECKPOINT))
  if (text === null) return null
  try {
    const checkpoint = JSON.parse(text) as Checkpoint
    return checkpoint.version === 1 ? checkpoint : null
  } catch {
    return null // written without a flush, so a machine's crash may have spoilt it: the segments tell all
  }
}

/** First offsets of the segment files, ascending; null when the log was never written. Removes what a crash left half made. */
function segmentBases(directory: string): number[] | null {
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  for (const name of names)
    if (name.endsWith('.cleaned') || name.endsWith('.new')) rmSync(join(directory, name), { force: true })
  return names
    .filter((name) => /^\d{20}\.log$/.test(name))
    .map((name) => Number(name.slice(0, 20)))
    .sort((a, b) => a - b)
}
