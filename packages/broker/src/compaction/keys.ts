import { createHash } from 'node:crypto'
import { type DecodedRecord, decodeRecords, MalformedError } from '@isthmus/protocol'
import type { AbortedTransactions } from '../log/aborted.ts'
import type { ScannedBatch } from '../log/scan.ts'

/** Longer keys are remembered by their hash, so that memory goes by the number of keys alone. */
const LONGEST_PLAIN_KEY = 32

/** The newest offset of each key in the part of a log that was not compacted yet. */
export class NewestOffsets {
  private readonly byKey = new Map<string, number>()

  get size(): number {
    return this.byKey.size
  }

  add(batch: ScannedBatch['batch'], aborted: AbortedTransactions): void {
    if (batch.control || isAborted(batch, aborted)) return
    for (const { key, offset } of readable(batch)) if (key !== null) this.byKey.set(nameOf(key), offset)
  }

  /** Whether a later record has the same key. */
  supersedes(key: Buffer, offset: number): boolean {
    const newest = this.byKey.get(nameOf(key))
    return newest !== undefined && newest > offset
  }
}

/** Its records; none when they cannot be read, which only happens to batches from before the topic was compacted. */
function readable(batch: ScannedBatch['batch']): readonly DecodedRecord[] {
  try {
    return decodeRecords(batch)
  } catch (error) {
    if (error instanceof MalformedError) return []
    throw error
  }
}

export function isAborted(batch: ScannedBatch['batch'], aborted: AbortedTransactions): boolean {
  return batch.transactional && aborted.covers(batch.producerId, batch.baseOffset)
}

function nameOf(key: Buffer): string {
  if (key.length <= LONGEST_PLAIN_KEY) return key.toString('latin1')
  // 64 characters, longer than any plain key: the two never meet
  return createHash('sha256').update(key).digest('hex')
}
