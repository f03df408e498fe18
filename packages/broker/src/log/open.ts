import { mkdirSync } from 'node:fs'
import type { RecordBatch } from '@isthmus/protocol'
import { assignOffset, readBatches, stampAppendTime, transactionMarker } from '@isthmus/protocol'
import { RequestError } from '../request-error.ts'
import { Tail } from '../storage/tail-cache.ts'
import type { TopicConfig } from '../topics/config.ts'
import { checkedBatches } from './check.ts'
import type { LogEnvironment } from './environment.ts'
import { LEADER_EPOCH } from './leader-epoch.ts'
import { type LogState, loadLog, replay, saveCheckpoint, saveStartOffset } from './load.ts'
import type { AbortedTransaction, Appended, Log, LogRead, ProducerView } from './log.ts'
import { LogReader } from './read.ts'
import { recompressed } from './recompress.ts'
import { readAgain } from './recovery.ts'
import { maxTimestampIn, recordAtOrAfter } from './search.ts'
import { Segment } from './segment.ts'

/** What a start may have to read again after a crash. A checkpoint tells of all segments, so one for each would cost more. */
const CHECKPOINT_BYTES = 64 << 20

/** A `Log` together with what only its owner, the topic, and the cleaning of logs may do. */
export interface OpenLog extends Log {
  readonly state: LogState
  readonly config: TopicConfig
  /** When `flush.ms` was last met. */
  readonly flushedAt: number
  /** Begins a new segment, unless the active one is empty. */
  roll(): void
  /** Deletes segments that lie before `count`, the first to stay, and moves the start of the log. */
  dropSegments(count: number): void
  /** Puts segments in the place of others, as compaction made them; `position` is that of the first one replaced. */
  replaceSegments(position: number, count: number, by: Segment): void
  forgetMarkers(offsets: ReadonlySet<number>): void
  saveCheckpoint(): void
  flush(): void
  close(): void
  /** The topic is deleted: its files are about to go. */
  abandon(): void
}

export function openLog(directory: string, config: TopicConfig, environment: LogEnvironment): OpenLog {
  return new PartitionLog(loadLog(directory, environment), config, environment)
}

class PartitionLog implements OpenLog {
  readonly state: LogState
  config: TopicConfig
  private readonly environment: LogEnvironment
  private readonly reader: LogReader
  private readonly tail = new Tail()
  private listeners: (() => void)[] = []
  gone = false
  private unflushedRecords = 0
  flushedAt: number

  constructor(state: LogState, config: TopicConfig, environment: LogEnvironment) {
    this.state = state
    this.config = config
    this.environment = environment
    this.reader = new LogReader(environment)
    this.flushedAt = environment.now()
  }

  get startOffset(): number {
    return this.state.startOffset
  }
  get endOffset(): number {
    const { segments, startOffset } = this.state
    return segments.at(-1)?.nextOffset ?? startOffset
  }
  get lastStableOffset(): number {
    return this.state.producers.firstUndecided() ?? this.endOffset
  }
  get size(): number {
    let bytes = 0
    for (const segment of this.state.segments) bytes += segment.size
    return bytes
  }

  append(records: Buffer, origin: 'client' | 'coordinator'): Appended {
    this.refuseIfGone()
    const now = this.environment.now()
    const { producers } = this.state
    const batches = checkedBatches(records, origin, this.config, now)
    for (const batch of batches) {
      if (batch.producerId < 0) continue
      const known = origin === 'client' ? producers.check(batch) : null
      if (known)
        return {
          baseOffset: known.baseOffset,
          lastOffset: known.lastOffset,
          logAppendTimeMs: this.stamps() ? known.timestamp : -1,
          duplicate: true,
        }
    }
    const [sent] = batches
    if (origin === 'client' && sent) {
      const stored = recompressed(sent, this.config)
      return this.write([stored], stored.buffer, now)
    }
    // a coordinator's writer uses its memory again, so what the cache keeps must be a copy
    const owned = Buffer.from(records)
    return this.write(readBatches(owned, { checkCrc: false }), owned, now)
  }

  appendControl(
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
    type: 'commit' | 'abort',
  ): Appended {
    this.refuseIfGone()
    this.state.producers.checkMarker(producerId, producerEpoch, coordinatorEpoch)
    const now = this.environment.now()
    const marker = transactionMarker(type, { producerId, producerEpoch }, coordinatorEpoch, now)
    return this.write(readBatches(marker, { checkCrc: false }), marker, now)
  }

  /** `records` is the memory of `batches`. */
  private write(batches: readonly RecordBatch[], records: Buffer, now: number): Appended {
    const { environment, state } = this
    const stamp = this.stamps()
    let segment = this.segmentFor(records.length, batches[0]?.maxTimestamp ?? now)
    const baseOffset = this.endOffset
    let next = baseOffset
    for (const { buffer, baseOffset: from, lastOffset: to } of batches) {
      assignOffset(buffer, next, LEADER_EPOCH)
      if (stamp) stampAppendTime(buffer, now)
      next += to - from + 1
    }
    try {
      environment.files.append(segment.path, records, segment.size)
    } catch (error) {
      throw environment.trouble.failed(`Cannot write ${segment.path}`, error)
    }
    environment.trouble.worked()
    let offset = baseOffset
    for (const batch of batches) {
      const last = offset + batch.lastOffset - batch.baseOffset
      const maxTimestamp = stamp ? now : batch.maxTimestamp
      segment.add(batch, offset, last, maxTimestamp)
      if (batch.producerId >= 0)
        replay({ ...batch, baseOffset: offset, lastOffset: last, maxTimestamp }, state)
      environment.tails.add(this.tail, offset, last + 1, batch.buffer)
      offset = last + 1
    }
    segment = this.state.segments.at(-1) as Segment
    this.state.uncovered += records.length
    this.flushIfDue(next - baseOffset, now)
    this.announce()
    return { baseOffset, lastOffset: next - 1, logAppendTimeMs: stamp ? now : -1, duplicate: false }
  }

  private stamps(): boolean {
    return this.config['message.timestamp.type'] === 'LogAppendTime'
  }

  /** The active segment, after a roll if the append would make it too big or too old. */
  private segmentFor(bytes: number, timestamp: number): Segment {
    const active = this.state.segments.at(-1)
    if (!active) return this.addSegment()
    if (active.size === 0) return active
    const full = active.size + bytes > this.config['segment.bytes']
    const old = timestamp - active.firstTimestamp > this.config['segment.ms']
    if (!full && !old) return active
    this.roll()
    return this.state.segments.at(-1) as Segment
  }

  roll(): void {
    const active = this.state.segments.at(-1)
    if (!active || active.size === 0) return
    this.environment.files.syncLater(active.path)
    this.addSegment()
    if (this.state.uncovered >= CHECKPOINT_BYTES) this.saveCheckpoint()
  }

  private addSegment(): Segment {
    const segment = new Segment(this.state.directory, this.endOffset)
    try {
      mkdirSync(this.state.directory, { recursive: true })
      segment.inode = this.environment.files.create(segment.path)
    } catch (error) {
      throw this.environment.trouble.failed(`Cannot make ${segment.path}`, error)
    }
    this.state.segments.push(segment)
    return segment
  }

  read(offset: number, maxBytes: number, isolation: 'read_uncommitted' | 'read_committed'): LogRead {
    this.refuseIfGone()
    const { startOffset, endOffset } = this
    if (offset < startOffset || offset > endOffset)
      throw new RequestError(
        'OFFSET_OUT_OF_RANGE',
        `Received request for offset ${offset}, but we only have log segments from offset ${startOffset} up to ${endOffset}.`,
      )
    const committed = isolation === 'read_committed'
    const limit = committed ? this.lastStableOffset : endOffset
    const records =
      offset >= limit
        ? NOTHING
        : (this.tail.read(offset, limit, maxBytes) ??
          this.reader.read(this.state.segments, offset, limit, maxBytes))
    if (!committed) return { records, abortedTransactions: null }
    const to = records.length === 0 ? limit : Math.min(limit, this.endOf(records))
    return { records, abortedTransactions: this.state.aborted.between(offset, to) }
  }

  private endOf(records: Buffer): number {
    return (readBatches(records, { checkCrc: false }).at(-1)?.lastOffset ?? -1) + 1
  }

  verify(): void {
    for (const segment of this.state.segments) readAgain(segment, this.environment)
    this.reader.forget()
  }

  intactFrom(offset: number): number {
    let intact = offset
    for (const segment of this.state.segments)
      for (const { offset: from, nextOffset } of segment.damage)
        if (from <= intact && intact < nextOffset) intact = nextOffset
    return intact
  }

  abortedTransactions(from: number, to: number): AbortedTransaction[] {
    return this.state.aborted.between(from, to)
  }
  offsetForTimestamp(timestamp: number): { offset: number; timestamp: number } | null {
    return recordAtOrAfter(this.environment.files, this.state, timestamp)
  }
  maxTimestamp(): { offset: number; timestamp: number } | null {
    return maxTimestampIn(this.environment.files, this.state)
  }
  producers(): ProducerView[] {
    return this.state.producers.views()
  }

  deleteBefore(offset: number): void {
    this.refuseIfGone()
    if (offset > this.endOffset || offset < 0)
      throw new RequestError(
        'OFFSET_OUT_OF_RANGE',
        `Cannot increment the log start offset to ${offset} since it is larger than the high watermark ${this.endOffset}`,
      )
    if (offset <= this.startOffset) return
    this.state.startOffset = offset
    saveStartOffset(this.state)
    const { segments } = this.state
    let count = 0
    while (count < segments.length - 1 && (segments[count] as Segment).nextOffset <= offset) count++
    if (count > 0) this.dropSegments(count)
    this.announce()
  }

  dropSegments(count: number): void {
    const { state, environment } = this
    const dropped = state.segments.splice(0, count)
    state.startOffset = Math.max(state.startOffset, state.segments[0]?.baseOffset ?? this.endOffset)
    state.aborted.forgetBefore(state.startOffset)
    this.reader.forget()
    for (const segment of dropped) environment.files.delete(segment.path)
  }

  replaceSegments(position: number, count: number, by: Segment): void {
    const replaced = this.state.segments.splice(position, count, by)
    this.reader.forget()
    // it may hold what compaction has removed
    this.tail.clear()
    this.saveCheckpoint()
    for (const segment of replaced) if (segment.path !== by.path) this.environment.files.delete(segment.path)
  }

  forgetMarkers(offsets: ReadonlySet<number>): void {
    this.state.aborted.forgetMarkers(offsets)
  }

  onceChanged(listener: () => void): Disposable {
    this.listeners.push(listener)
    return {
      [Symbol.dispose]: () => {
        const at = this.listeners.indexOf(listener)
        if (at >= 0) this.listeners.splice(at, 1)
      },
    }
  }

  private announce(): void {
    if (this.listeners.length === 0) return
    const { listeners } = this
    this.listeners = []
    for (const listener of listeners) listener()
  }

  configure(config: TopicConfig): void {
    this.config = config
  }

  private flushIfDue(records: number, now: number): void {
    this.unflushedRecords += records
    if (
      this.unflushedRecords >= this.config['flush.messages'] ||
      now - this.flushedAt >= this.config['flush.ms']
    )
      this.flush()
  }

  flush(): void {
    const active = this.state.segments.at(-1)
    if (this.unflushedRecords > 0 && active) this.environment.files.sync(active.path)
    this.unflushedRecords = 0
    this.flushedAt = this.environment.now()
  }

  saveCheckpoint(): void {
    if (this.gone || this.state.segments.length === 0) return
    try {
      saveCheckpoint(this.state)
    } catch (error) {
      // it only makes the next start faster
      this.environment.trouble.failed(`Cannot write a checkpoint in ${this.state.directory}`, error)
    }
  }

  close(): void {
    if (this.state.uncovered > 0) this.saveCheckpoint()
    this.release()
  }

  abandon(): void {
    this.release()
    this.announce()
  }

  private release(): void {
    this.gone = true
    this.tail.clear()
    for (const segment of this.state.segments) this.environment.files.forget(segment.path)
  }

  private refuseIfGone(): void {
    if (this.gone) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
  }
}

const NOTHING = Buffer.alloc(0)
