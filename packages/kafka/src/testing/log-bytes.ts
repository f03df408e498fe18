import { assignOffset, BatchWriter, transactionMarker } from '@isthmus/protocol'

export interface LogBatch {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly bytes: Buffer
}

/** A log written by hand: batches as a broker would keep them. */
export class LogBytes {
  readonly batches: LogBatch[] = []
  end = 0

  /** `producer`: of a transaction; null for records outside of one. */
  write(producer: number | null, values: readonly string[], leaderEpoch = 0): this {
    const writer = new BatchWriter(1_000_000)
    for (const value of values) writer.append(1, null, value, null)
    const transactional = producer !== null
    const numbers = { producerId: producer ?? -1, producerEpoch: 0, baseSequence: 0, transactional }
    return this.append(Buffer.from(writer.finish(transactional ? numbers : {})), values.length, leaderEpoch)
  }
  mark(producer: number, outcome: 'commit' | 'abort'): this {
    return this.append(transactionMarker(outcome, { producerId: producer, producerEpoch: 0 }, 0, 1), 1, 0)
  }
  private append(bytes: Buffer, count: number, leaderEpoch: number): this {
    assignOffset(bytes, this.end, leaderEpoch)
    this.batches.push({ baseOffset: this.end, nextOffset: this.end + count, bytes })
    this.end += count
    return this
  }

  /** What a fetch from `offset` brings, `count` batches at most. */
  from(offset: number, count = Infinity): Buffer {
    const found = this.batches.filter((b) => b.nextOffset > offset).slice(0, count)
    return Buffer.concat(found.map((b) => b.bytes))
  }
}
