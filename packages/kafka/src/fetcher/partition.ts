import { BatchError, decodeRecords, markerOutcome, type RecordBatch, readBatches } from '@isthmus/protocol'
import { KafkaError } from '../errors.ts'
import type { FetchedBatch, FetchedRecord } from './records.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}
export interface ReadingOptions {
  readonly checkCrc: boolean
  readonly readCommitted: boolean
}

/** Of a record batch's header: where its length, leader epoch and last offset's distance lie, and its size. */
const LENGTH_AT = 8
const EPOCH_AT = 12
const LAST_DELTA_AT = 23
const HEADER = 61

/** One partition's share of a fetch response: whole batches, decoded one after the other as the caller polls. */
export class FetchedChunk {
  readonly owner: FetchedPartition
  /** Where the partition goes on behind the chunk; -1 when it holds no whole batch. */
  readonly nextOffset: number
  readonly lastEpoch: number
  readonly size: number
  private readonly bytes: Buffer
  private readonly aborted: readonly AbortedTransaction[]
  private readonly skipping = new Set<number>()
  private at = 0
  private nextAborted = 0

  constructor(owner: FetchedPartition, bytes: Buffer, aborted: readonly AbortedTransaction[]) {
    this.owner = owner
    this.bytes = bytes
    this.size = bytes.length
    this.aborted = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
    let next = -1
    let epoch = -1
    for (let at = 0, size = 0; bytes.length - at >= HEADER; at += size) {
      size = sizeOf(bytes, at)
      if (size > bytes.length - at) break
      next = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + LAST_DELTA_AT) + 1
      epoch = bytes.readInt32BE(at + EPOCH_AT)
      // what cannot be a length is found out, and told, when it is the batch's turn
      if (size < HEADER) break
    }
    this.nextOffset = next
    this.lastEpoch = epoch
  }

  /** The next batch the caller may see, or null. Throws `BatchError`, again and again, where a batch is corrupt. */
  next(options: ReadingOptions): RecordBatch | null {
    for (;;) {
      const size = this.bytes.length - this.at >= HEADER ? sizeOf(this.bytes, this.at) : HEADER
      // fetches may end in a part of a batch
      if (size > this.bytes.length - this.at) return null
      const bytes = this.bytes.subarray(this.at, this.at + Math.max(size, HEADER))
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

function sizeOf(bytes: Buffer, at: number): number {
  return EPOCH_AT + bytes.readInt32BE(at + LENGTH_AT)
}

/** One assigned partition: where its caller is, what was fetched ahead, what is wrong. */
export class FetchedPartition {
  readonly topic: string
  readonly partition: number
  /** Of the next record for the caller; null until a reset has found it. */
  position: number | null
  /** Of the next fetch: behind what is buffered. */
  fetchOffset = -1
  lastEpoch = -1
  /** Of the topic that the offsets are of; null before the first fetch. */
  topicId: string | null = null
  endOffset: number | null = null
  paused = false
  fetching = false
  /** `auto.offset.reset` applies as soon as nothing is buffered. */
  resetDue = false
  leaderDoubtful = false
  /** A follower nearer to us, as the leader advised (KIP-392), and for how long we follow the advice. */
  replica = -1
  replicaUntil = 0
  failures = 0
  retryAt = 0
  error: KafkaError | null = null
  /** Since when nothing could be fetched, and why; 0: it can. */
  failingSince = 0
  failure: KafkaError | null = null
  buffered = 0
  private records: readonly FetchedRecord[] | null = null
  private at = 0
  private batch: RecordBatch | null = null

  constructor(topic: string, partition: number, offset: number | null) {
    this.topic = topic
    this.partition = partition
    this.position = offset
    this.moveTo(offset)
  }

  /** Forgets what was fetched ahead; null: to where `auto.offset.reset` says. */
  moveTo(offset: number | null): void {
    this.position = offset
    this.fetchOffset = offset ?? -1
    this.lastEpoch = -1
    this.resetDue = offset === null
    this.records = null
    this.batch = null
    this.buffered = 0
    this.error = null
    this.retryAt = 0
  }

  add(chunk: FetchedChunk): void {
    this.buffered += chunk.size
    this.fetchOffset = chunk.nextOffset
    this.lastEpoch = chunk.lastEpoch
  }

  /** At most `most` records of the oldest chunk; null when it is used up. */
  take(chunk: FetchedChunk, most: number, options: ReadingOptions): FetchedBatch | null {
    while (this.records === null) {
      const batch = this.open(chunk, options)
      if (batch !== null) continue
      this.buffered -= chunk.size
      this.position = Math.max(this.position ?? 0, chunk.nextOffset)
      return null
    }
    const { batch, records, at } = this
    if (batch === null) return null
    const end = Math.min(at + most, records.length)
    const taken = at === 0 && end === records.length ? records : records.slice(at, end)
    const whole = end === records.length
    const last = taken[taken.length - 1] as FetchedRecord
    this.position = whole ? batch.lastOffset + 1 : last.offset + 1
    this.at = end
    if (whole) this.records = null
    return {
      topic: this.topic,
      partition: this.partition,
      timestampType: batch.timestampType,
      records: taken,
      nextOffset: this.position,
    }
  }

  private open(chunk: FetchedChunk, options: ReadingOptions): RecordBatch | null {
    try {
      const batch = chunk.next(options)
      if (batch === null) return null
      let records: readonly FetchedRecord[] = decodeRecords(batch)
      const position = this.position ?? 0
      // a fetch from the middle of a batch brings the whole batch
      if ((records[0]?.offset ?? position) < position) records = records.filter((r) => r.offset >= position)
      if (records.length === 0) this.position = Math.max(position, batch.lastOffset + 1)
      this.batch = batch
      this.records = records.length === 0 ? null : records
      this.at = 0
      return batch
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const name = error instanceof BatchError ? error.kafka : 'CORRUPT_MESSAGE'
      const where = `${this.topic}-${this.partition} at offset ${this.position}`
      throw new KafkaError(
        name,
        `Record batch of partition ${where} cannot be read: ${error.message}. If needed, seek past it to go on.`,
        { cause: error, retriable: false },
      )
    }
  }
}

/** What is asked of it. */
export interface Query {
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly partitionMaxBytes: number
}

/** What was asked of a partition: an answer counts only while it still stands there. */
export interface Asked {
  readonly p: FetchedPartition
  readonly offset: number
}
