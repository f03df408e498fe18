import {
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BatchError,
  batchSize,
  markerOutcome,
  type RecordBatch,
  readBatches,
} from '@isthmus/protocol'

interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}
export interface ReadingOptions {
  readonly checkCrc: boolean
  readonly readCommitted: boolean
}

/** One partition's share of a fetch response: whole batches, decoded one after the other as the caller polls. */
export class FetchedChunk {
  /** Where the partition goes on behind the chunk; -1 when it holds no whole batch. */
  readonly nextOffset: number
  readonly lastEpoch: number
  readonly size: number
  private readonly bytes: Buffer
  private readonly aborted: readonly AbortedTransaction[]
  private readonly skipping = new Set<number>()
  private at = 0
  private nextAborted = 0

  constructor(bytes: Buffer, aborted: readonly AbortedTransaction[]) {
    this.bytes = bytes
    this.size = bytes.length
    this.aborted = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
    let next = -1
    let epoch = -1
    for (let at = 0, size = 0; bytes.length - at >= BATCH_HEADER_BYTES; at += size) {
      size = batchSize(bytes, at)
      if (size > bytes.length - at) break
      next = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + BATCH_AT.lastOffsetDelta) + 1
      epoch = bytes.readInt32BE(at + BATCH_AT.leaderEpoch)
      // what cannot be a length is found out, and told, when it is the batch's turn
      if (size < BATCH_HEADER_BYTES) break
    }
    this.nextOffset = next
    this.lastEpoch = epoch
  }

  /** The next batch the caller may see, or null. Throws `BatchError`, again and again, where a batch is corrupt. */
  next(options: ReadingOptions): RecordBatch | null {
    for (;;) {
      const size =
        this.bytes.length - this.at >= BATCH_HEADER_BYTES
          ? batchSize(this.bytes, this.at)
          : BATCH_HEADER_BYTES
      // fetches may end in a part of a batch
      if (size > this.bytes.length - this.at) return null
      const bytes = this.bytes.subarray(this.at, this.at + Math.max(size, BATCH_HEADER_BYTES))
      const [batch] = readBatches(bytes, options)
      if (batch === undefined)
        throw new BatchError('CORRUPT_MESSAGE', 'Record batch with an impossible length')
      const visible = !(options.readCommitted && this.isAborted(batch)) && !batch.control
      this.at += size
      if (visible) return batch
    }
  }

  /**
   * As Java's consumer: a transaction is aborted from its first offset on until its producer's abort marker. The broker names those
   * that overlap what it sent, so nothing need be kept between responses.
   */
  private isAborted(batch: RecordBatch): boolean {
    const { aborted, skipping } = this
    while ((aborted[this.nextAborted]?.firstOffset ?? Infinity) <= batch.lastOffset)
      skipping.add((aborted[this.nextAborted++] as AbortedTransaction).producerId)
    if (batch.producerId < 0) return false
    if (batch.control) {
      if (markerOutcome(batch) === 'abort') skipping.delete(batch.producerId)
      return true
    }
    return batch.transactional && skipping.has(batch.producerId)
  }
}
