import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { markerOutcome, type RecordBatch } from '@isthmus/protocol'
import { readIfThere, replaceFile, writeDurably } from '../storage/durable-file.ts'
import { type AbortedRange, AbortedTransactions } from './aborted.ts'
import type { LogEnvironment } from './environment.ts'
import { finishMerger } from './merger.ts'
import { type ProducerState, Producers } from './producers.ts'
import { damageText, readOn } from './recovery.ts'
import { Segment, type SegmentState, segmentPath } from './segment.ts'

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
  readonly endOffset: number
  readonly segments: readonly SegmentState[]
  readonly producers: readonly ProducerState[]
  readonly aborted: readonly AbortedRange[]
}

const CHECKPOINT = 'checkpoint.json'
/** The first had no checksum. */
const CHECKPOINT_VERSION = 2
const START_OFFSET = 'start-offset'

/**
 * Reads a log's state: from the checkpoint what it covers, from the batches behind it the rest. What lies behind the last whole batch of
 * the last segment is what a write leaves that was cut short: that much is cut off. Damage with whole batches behind it stays where it is.
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
  finishMerger(directory, environment)
  const bases = segmentBases(directory)
  if (bases === null) return state
  const checkpoint = readCheckpoint(directory)
  const known = new Map(checkpoint?.segments.map((segment) => [segment.baseOffset, segment]))
  state.producers.restore(checkpoint?.producers ?? [])
  state.aborted.restore(checkpoint?.aborted ?? [])
  const covered = checkpoint?.endOffset ?? 0
  state.startOffset = Math.max(readStartOffset(directory, environment), bases[0] ?? 0)
  reportMissing(directory, bases, known, environment)
  for (const [index, baseOffset] of bases.entries()) {
    const file = environment.files.stat(segmentPath(directory, baseOffset))
    const segment =
      restored(directory, known.get(baseOffset), file, environment) ??
      new Segment(directory, baseOffset, file.inode)
    state.segments.push(segment)
    const coveredBytes = segment.size
    if (segment.size < file.size) {
      const limit = bases[index + 1] ?? Number.POSITIVE_INFINITY
      scan(segment, state, file.size, covered, limit, environment)
    }
    state.uncovered += segment.size - coveredBytes
  }
  state.aborted.forgetBefore(state.startOffset)
  return state
}

/** The segment as the checkpoint tells of it; null when its file is another one, or is shorter than it was. */
function restored(
  directory: string,
  saved: SegmentState | undefined,
  file: { readonly size: number; readonly inode: number },
  { log }: LogEnvironment,
): Segment | null {
  if (saved === undefined || saved.inode !== file.inode) return null
  if (saved.size <= file.size) return Segment.restored(directory, saved)
  log.error(
    `${segmentPath(directory, saved.baseOffset)}: ${saved.size - file.size} bytes are missing from the end of the file, which held the offsets to ${saved.nextOffset - 1}`,
  )
  return null
}

/** Reads the batches behind what is known of the segment. `limit` is where the next segment begins; infinite for the last one. */
function scan(
  segment: Segment,
  state: LogState,
  fileSize: number,
  covered: number,
  limit: number,
  { files, log }: LogEnvironment,
): void {
  const isLast = limit === Number.POSITIVE_INFINITY
  const fault = readOn(
    segment,
    fileSize,
    { limit, contiguous: isLast },
    files,
    (batch) => {
      if (batch.baseOffset >= covered) replay(batch, state)
    },
    (damage, why) => log.error(damageText(segment, damage, why)),
  )
  if (fault === null) return
  const { path, size, nextOffset } = segment
  if (isLast) {
    const { startOffset } = state
    const remain =
      nextOffset > startOffset ? `Offsets ${startOffset} to ${nextOffset - 1} remain` : 'No records remain'
    log.warn(
      `${path}: cut off ${fileSize - size} bytes at position ${size} that are no whole batch, as a write leaves them that was cut short. ${remain}. ${fault}`,
    )
    files.truncate(path, size)
    return
  }
  const damage = { position: size, end: fileSize, offset: nextOffset, nextOffset: limit }
  segment.skip(damage)
  log.error(damageText(segment, damage, fault))
}

/** Segments go from the front only, or when compaction has merged them into the one before and said so in the checkpoint. */
function reportMissing(
  directory: string,
  bases: readonly number[],
  known: ReadonlyMap<number, SegmentState>,
  { log }: LogEnvironment,
): void {
  const there = new Set(bases)
  const [first = 0] = bases
  for (const { baseOffset, nextOffset } of known.values()) {
    if (baseOffset <= first || nextOffset === baseOffset || there.has(baseOffset)) continue
    log.error(
      `${segmentPath(directory, baseOffset)} is missing; it held the offsets ${baseOffset} to ${nextOffset - 1}`,
    )
  }
}

/** Does to producers and transactions what appending the batch did. */
export function replay(batch: RecordBatch, state: LogState): void {
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

function coordinatorEpochOf({ buffer }: RecordBatch): number {
  // the last record byte is the header count, the four before it the epoch
  return buffer.readInt32BE(buffer.length - 5)
}

/** What is in memory, as a file, so that a later start need not read the segments again. */
export function saveCheckpoint(state: LogState): void {
  const checkpoint: Checkpoint = {
    endOffset: state.segments.at(-1)?.nextOffset ?? 0,
    segments: state.segments.map((segment) => segment.state()),
    producers: state.producers.snapshot(),
    aborted: state.aborted.snapshot(),
  }
  const text = JSON.stringify(checkpoint)
  const header = JSON.stringify({ version: CHECKPOINT_VERSION, crc32: crc32(text) })
  replaceFile(join(state.directory, CHECKPOINT), `${header}\n${text}`)
  state.uncovered = 0
}

export function saveStartOffset(state: LogState): void {
  mkdirSync(state.directory, { recursive: true })
  writeDurably(join(state.directory, START_OFFSET), String(state.startOffset))
}

/** Null when there is none, or none that can be trusted: it is written without a flush, and the segments tell all. */
function readCheckpoint(directory: string): Checkpoint | null {
  const text = readIfThere(join(directory, CHECKPOINT))
  const end = text?.indexOf('\n') ?? -1
  if (text === null || end < 0) return null
  try {
    const header = JSON.parse(text.slice(0, end)) as { version: number; crc32: number }
    const body = text.slice(end + 1)
    if (header.version !== CHECKPOINT_VERSION || header.crc32 !== crc32(body)) return null
    return JSON.parse(body) as Checkpoint
  } catch {
    return null
  }
}

function readStartOffset(directory: string, { log }: LogEnvironment): number {
  const path = join(directory, START_OFFSET)
  const text = readIfThere(path)
  if (text === null) return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  log.error(`${path} is damaged: the log begins with its first segment again, deleted records too`)
  return 0
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
