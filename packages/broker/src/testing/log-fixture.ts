import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BatchOptions, BatchWriter, decodeRecords, readBatches } from '@isthmus/protocol'
import { silentLog } from '../broker-log.ts'
import type { Log } from '../log/log.ts'
import { type OpenLog, openLog } from '../log/open.ts'
import { SegmentFiles } from '../storage/segment-files.ts'
import { TailCache } from '../storage/tail-cache.ts'
import { openStorageTrouble } from '../storage/trouble.ts'
import { type TopicOverrides, topicConfigOf } from '../topics/config.ts'

/** For tests: a directory that goes when the test ends. */
export function temporaryDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'isthmus-broker-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export type TestRecord = readonly [key: string | null, value: string | null, timestamp?: number]

/** A batch as a producer sends it. */
export function batchOf(records: readonly TestRecord[], options: BatchOptions = {}): Buffer {
  const writer = new BatchWriter(1 << 20)
  for (const [key, value, timestamp = 1000] of records) writer.append(timestamp, key, value, null)
  return writer.finish(options)
}

/** Logs in one directory, under a clock that stands still until it is set. */
export class LogFixture implements Disposable {
  readonly directory = temporaryDirectory()
  readonly files = new SegmentFiles()
  now = 1_000_000
  /** What went to the broker's log. */
  readonly lines: string[] = []

  open(configs: TopicOverrides = {}, tailBytes = 0): OpenLog {
    return openLog(join(this.directory.path, 'log'), topicConfigOf({}, configs), this.environment(tailBytes))
  }

  environment(tailBytes = 0) {
    const note = (message: string) => void this.lines.push(message)
    const log = { ...silentLog, info: note, warn: note, error: note }
    const now = () => this.now
    return {
      files: this.files,
      tails: new TailCache(tailBytes),
      now,
      log,
      trouble: openStorageTrouble(log, now),
    }
  }

  [Symbol.dispose](): void {
    this.files[Symbol.dispose]()
    this.directory[Symbol.dispose]()
  }
}

/** All records from `offset` on, as a consumer reads them: `offset:key=value`. */
export function contents(log: Log, offset: number = log.startOffset, maxBytes = 1000): string[] {
  const found: string[] = []
  let next = offset
  while (next < log.endOffset) {
    const batches = readBatches(log.read(next, maxBytes, 'read_uncommitted').records)
    if (batches.length === 0) break
    for (const batch of batches) {
      next = batch.lastOffset + 1
      if (batch.control) continue
      for (const record of decodeRecords(batch))
        if (record.offset >= offset) found.push(`${record.offset}:${record.key}=${record.value}`)
    }
  }
  return found
}
