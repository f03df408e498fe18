import { closeSync, fstatSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import type { RecordBatch } from '@isthmus/protocol'
import { Segment, segmentPath } from '../log/segment.ts'

const CHUNK = 1 << 20

/** Writes the file that is to replace a segment, beside it; disposal removes it unless it was renamed. */
export class SegmentWriter implements Disposable {
  readonly segment: Segment
  readonly path: string
  private descriptor: number
  private waiting: Buffer[] = []
  private bytes = 0

  constructor(directory: string, baseOffset: number) {
    this.path = `${segmentPath(directory, baseOffset)}.cleaned`
    this.descriptor = openSync(this.path, 'w')
    this.segment = new Segment(directory, baseOffset, fstatSync(this.descriptor).ino)
  }

  add(batch: RecordBatch): void {
    this.segment.add(batch, batch.baseOffset, batch.lastOffset, batch.maxTimestamp)
    this.waiting.push(batch.buffer)
    this.bytes += batch.buffer.length
    if (this.bytes >= CHUNK) this.write()
  }

  /** Then everything is on disk. */
  finish(): void {
    this.write()
    fsyncSync(this.descriptor)
  }

  private write(): void {
    const bytes = Buffer.concat(this.waiting)
    for (let written = 0; written < bytes.length; ) written += writeSync(this.descriptor, bytes, written)
    this.waiting = []
    this.bytes = 0
  }

  [Symbol.dispose](): void {
    if (this.descriptor < 0) return
    closeSync(this.descriptor)
    this.descriptor = -1
    rmSync(this.path, { force: true })
  }
}
