import { mkdirSync } from 'node:fs'
import type { TopicConfig } from '../topics/config.ts'
import type { LogEnvironment } from './environment.ts'
import { type LogState, saveCheckpoint } from './load.ts'
import { Segment, segmentPath } from './segment.ts'

/** What a start may have to read again after a crash. A checkpoint tells of all segments, so one for each would cost more. */
const CHECKPOINT_BYTES = 64 << 20

/** The segment files of one log: which one is appended to, which go, and when they are flushed and told of by the checkpoint. */
export class LogSegments {
  private readonly state: LogState
  private readonly environment: LogEnvironment
  private unflushedRecords = 0
  /** When `flush.ms` was last met. */
  flushedAt: number
  /** Nothing of them is read or written any more. */
  released = false

  constructor(state: LogState, environment: LogEnvironment) {
    this.state = state
    this.environment = environment
    this.flushedAt = environment.now()
  }

  get endOffset(): number {
    const { segments, startOffset } = this.state
    return segments.at(-1)?.nextOffset ?? startOffset
  }

  /** Bytes of all of them. */
  get size(): number {
    let bytes = 0
    for (const segment of this.state.segments) bytes += segment.size
    return bytes
  }

  /** The active segment, after a roll if the append would make it too big or too old. */
  forAppend(bytes: number, timestamp: number, config: TopicConfig): Segment {
    const active = this.state.segments.at(-1)
    if (!active) return this.add()
    if (active.size === 0) return active
    const full = active.size + bytes > config['segment.bytes']
    const old = timestamp - active.firstTimestamp > config['segment.ms']
    return full || old ? this.rolled(active) : active
  }

  /** Begins a new segment, unless the active one is empty. */
  roll(): void {
    const active = this.state.segments.at(-1)
    if (active && active.size > 0) this.rolled(active)
  }

  private rolled(active: Segment): Segment {
    this.environment.files.syncLater(active.path)
    const next = this.add()
    if (this.state.uncovered >= CHECKPOINT_BYTES) this.saveCheckpoint()
    return next
  }

  private add(): Segment {
    const { directory, segments } = this.state
    const baseOffset = this.endOffset
    const path = segmentPath(directory, baseOffset)
    try {
      mkdirSync(directory, { recursive: true })
      const segment = new Segment(directory, baseOffset, this.environment.files.create(path))
      segments.push(segment)
      return segment
    } catch (error) {
      throw this.environment.trouble.failed(`Cannot make ${path}`, error)
    }
  }

  /** Deletes those that lie before `count`, the first to stay, and moves the start of the log. */
  drop(count: number): void {
    const { state, environment } = this
    const dropped = state.segments.splice(0, count)
    state.startOffset = Math.max(state.startOffset, state.segments[0]?.baseOffset ?? this.endOffset)
    state.aborted.forgetBefore(state.startOffset)
    for (const segment of dropped) environment.files.delete(segment.path)
  }

  /** Puts one in the place of `count` others; `position` is that of the first one replaced. */
  replace(position: number, count: number, by: Segment): void {
    const replaced = this.state.segments.splice(position, count, by)
    this.saveCheckpoint()
    for (const segment of replaced) if (segment.path !== by.path) this.environment.files.delete(segment.path)
  }

  /** Takes note of appended records, and flushes when `flush.messages` or `flush.ms` ask for it. */
  appended(records: number, now: number, config: TopicConfig): void {
    this.unflushedRecords += records
    if (this.unflushedRecords >= config['flush.messages'] || now - this.flushedAt >= config['flush.ms'])
      this.flush()
  }

  flush(): void {
    const active = this.state.segments.at(-1)
    if (this.unflushedRecords > 0 && active) this.environment.files.sync(active.path)
    this.unflushedRecords = 0
    this.flushedAt = this.environment.now()
  }

  saveCheckpoint(): void {
    if (this.released || this.state.segments.length === 0) return
    try {
      saveCheckpoint(this.state)
    } catch (error) {
      // it only makes the next start faster
      this.environment.trouble.failed(`Cannot write a checkpoint in ${this.state.directory}`, error)
    }
  }

  /** Lets go of the files. */
  release(): void {
    this.released = true
    for (const segment of this.state.segments) this.environment.files.forget(segment.path)
  }
}
