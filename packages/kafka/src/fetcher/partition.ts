import { BatchError, decodeRecords, type RecordBatch } from '@isthmus/protocol'
import { KafkaError } from '../errors.ts'
import type { FetchedChunk, ReadingOptions } from './chunk.ts'
import { assignedAt, type FetchState, movedTo } from './phase.ts'
import type { FetchedBatch, FetchedRecord } from './records.ts'

/** A batch of which the caller has not taken all records. */
interface Reading {
  readonly batch: RecordBatch
  readonly records: readonly FetchedRecord[]
  /** How many of them were taken. */
  at: number
}

/** One assigned partition: where its caller is, what was fetched ahead, and what is to come of it. */
export class FetchedPartition {
  readonly topic: string
  readonly partition: number
  readonly name: string
  /** Of the next record for the caller; null until a reset has found it. */
  position: number | null
  state: FetchState
  /** Of the topic that the offsets are of; null before the first fetch. */
  topicId: string | null = null
  endOffset: number | null = null
  paused = false
  /** A request about it is under way. */
  underWay = false
  /** Bytes that were fetched ahead. */
  buffered = 0
  private reading: Reading | null = null

  constructor(topic: string, partition: number, offset: number | null) {
    this.topic = topic
    this.partition = partition
    this.name = `${topic}-${partition}`
    this.position = offset
    this.state = assignedAt(offset)
  }

  /** Whether a fetch from `offset` is what it waits for: an answer counts only then. */
  fetchesFrom(offset: number): boolean {
    const { phase } = this.state
    return phase.type === 'fetching' && phase.offset === offset
  }
  get error(): KafkaError | null {
    return this.state.phase.type === 'failed' ? this.state.phase.error : null
  }

  /** Forgets what was fetched ahead; null: to where `auto.offset.reset` says. */
  moveTo(offset: number | null): void {
    this.drop()
    this.position = offset
    this.state = movedTo(this.state, offset)
  }
  drop(): void {
    this.reading = null
    this.buffered = 0
  }

  /** At most `most` records of the oldest chunk; null when it is used up. */
  take(chunk: FetchedChunk, most: number, options: ReadingOptions): FetchedBatch | null {
    const reading = this.reading ?? this.open(chunk, options)
    if (reading === null) {
      this.buffered -= chunk.size
      this.position = Math.max(this.position ?? 0, chunk.nextOffset)
      return null
    }
    const { batch, records, at } = reading
    const end = Math.min(at + most, records.length)
    const taken = at === 0 && end === records.length ? records : records.slice(at, end)
    const whole = end === records.length
    const last = taken[taken.length - 1] as FetchedRecord
    this.position = whole ? batch.lastOffset + 1 : last.offset + 1
    reading.at = end
    this.reading = whole ? null : reading
    return {
      topic: this.topic,
      partition: this.partition,
      timestampType: batch.timestampType,
      records: taken,
      nextOffset: this.position,
    }
  }

  /** The next batch with records for the caller; null: none is left. */
  private open(chunk: FetchedChunk, options: ReadingOptions): Reading | null {
    try {
      for (;;) {
        const batch = chunk.next(options)
        if (batch === null) return null
        let records: readonly FetchedRecord[] = decodeRecords(batch)
        const position = this.position ?? 0
        // a fetch from the middle of a batch brings the whole batch
        if ((records[0]?.offset ?? position) < position) records = records.filter((r) => r.offset >= position)
        if (records.length > 0) return { batch, records, at: 0 }
        this.position = Math.max(position, batch.lastOffset + 1)
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const name = error instanceof BatchError ? error.kafka : 'CORRUPT_MESSAGE'
      throw new KafkaError(
        name,
        `Record batch of partition ${this.name} at offset ${this.position} cannot be read: ${error.message}. If needed, seek past it to go on.`,
        { cause: error, retriable: false },
      )
    }
  }
}
