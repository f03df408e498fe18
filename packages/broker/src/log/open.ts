import type { RecordBatch, TransactionOutcome } from '@isthmus/protocol'
import { assignOffset, readBatches, stampAppendTime, transactionMarker } from '@isthmus/protocol'
import { RequestError } from '../request-error.ts'
import { Tail } from '../storage/tail-cache.ts'
import type { TopicConfig } from '../topics/config.ts'
import type { LogEnvironment } from './environment.ts'
import { LEADER_EPOCH } from './leader-epoch.ts'
import { type LogState, loadLog, replay, saveStartOffset } from './load.ts'
import type { AbortedTransaction, Appended, Isolation, Log, LogRead, Origin, ProducerView } from './log.ts'
import { LogReader } from './read.ts'
import { recompressed } from './recompress.ts'
import { readAgain } from './recovery.ts'
import { maxTimestampIn, recordAtOrAfter } from './search.ts'
import type { Segment } from './segment.ts'
import { LogSegments } from './segments.ts'
import { validBatches } from './validate.ts'

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
  private readonly segments: LogSegments
  private listeners: (() => void)[] = []

  constructor(state: LogState, config: TopicConfig, environment: LogEnvironment) {
    this.state = state
    this.config = config
    this.environment = environment
    this.reader = new LogReader(environment)
    this.segments = new LogSegments(state, environment)
  }

  get startOffset(): number {
    return this.state.startOffset
  }
  get endOffset(): number {
    return this.segments.endOffset
  }
  get lastStableOffset(): number {
    return this.state.producers.firstUndecided() ?? this.endOffset
  }
  get size(): number {
    return this.segments.size
  }
  get flushedAt(): number {
    return this.segments.flushedAt
  }
  get gone(): boolean {
    return this.segments.released
  }

  append(records: Buffer, origin: Origin): Appended {
    this.refuseIfGone()
    const now = this.environment.now()
    const { producers } = this.state
    const batches = validBatches(records, origin, this.config, now)
    for (const batch of batches) {
      if (batch.producerId < 0) continue
      const known = origin === 'client' ? producers.duplicateOf(batch) : null
      if (known)
        return {
          baseOffset: known.baseOffset,
          lastOffset: known.lastOffset,
          logAppendTimeMs: this.stamps() ? known.timestamp : -1,
          duplicate: true,
        }
    }
    const [sent] = batches
    if (origin === 'coordinator' || !sent) return this.write(batches, records, now)
    const stored = recompressed(sent, this.config)
    return this.write([stored], stored.buffer, now)
  }

  appendControl(
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
    outcome: TransactionOutcome,
  ): Appended {
    this.refuseIfGone()
    this.state.producers.validateMarker(producerId, producerEpoch, coordinatorEpoch)
    const now = this.environment.now()
    const marker = transactionMarker(outcome, { producerId, producerEpoch }, coordinatorEpoch, now)
    return this.write(readBatches(marker, { checkCrc: false }), marker, now)
  }

  /** `records` is the memory of `batches`. */
  private write(batches: readonly RecordBatch[], records: Buffer, now: number): Appended {
    const { environment, state } = this
    const stamp = this.stamps()
    const segment = this.segments.forAppend(records.length, batches[0]?.maxTimestamp ?? now, this.config)
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
    state.uncovered += records.length
    this.segments.appended(next - baseOffset, now, this.config)
    this.announce()
    return { baseOffset, lastOffset: next - 1, logAppendTimeMs: stamp ? now : -1, duplicate: false }
  }

  private stamps(): boolean {
    return this.config['message.timestamp.type'] === 'LogAppendTime'
  }

  roll(): void {
    this.segments.roll()
  }

  read(offset: number, maxBytes: number, isolation: Isolation): LogRead {
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
    this.reader.forget()
    this.segments.drop(count)
  }

  replaceSegments(position: number, count: number, by: Segment): void {
    this.reader.forget()
    // it may hold what compaction has removed
    this.tail.clear()
    this.segments.replace(position, count, by)
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

  flush(): void {
    this.segments.flush()
  }

  close(): void {
    if (this.state.uncovered > 0) this.segments.saveCheckpoint()
    this.release()
  }

  abandon(): void {
    this.release()
    this.announce()
  }

  private release(): void {
    this.tail.clear()
    this.segments.release()
  }

  private refuseIfGone(): void {
    if (this.gone) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
  }
}

const NOTHING = Buffer.alloc(0)
