import type { SinkRecord } from '@isthmus/sdk'
import { AvroWriter } from '../database/avro-writer.ts'
import type { EncodedRows } from '../database/endpoints.ts'
import type { Fields, RowPlan } from './row-plan.ts'

/** Rows of one table that wait to be inserted, in order, each with the record that it comes from. */
export class Batch {
  #writer = new AvroWriter()
  /** Where each row begins. */
  #starts: number[] = []
  #records: SinkRecord[] = []

  get records(): readonly SinkRecord[] {
    return this.#records
  }

  /** What the rows take, in bytes. */
  get bytes(): number {
    return this.#writer.length
  }

  /** What the last row takes. */
  get lastBytes(): number {
    return this.#writer.length - (this.#starts.at(-1) ?? 0)
  }

  /** Makes a row of a record; a record that does not fit throws, and leaves nothing behind. */
  add(record: SinkRecord, plan: RowPlan, fields: Fields): void {
    const start = this.#writer.length
    try {
      plan.write(this.#writer, fields)
      this.#writer.enclose(start)
    } catch (error) {
      this.#writer.truncate(start)
      throw error
    }
    this.#starts.push(start)
    this.#records.push(record)
  }

  /** The first rows, all unless said otherwise: valid until the batch is changed. */
  rows(count = this.#records.length): EncodedRows {
    return { count, bytes: this.#writer.view(0, this.#starts[count]) }
  }

  /** Forgets all rows but those whose record, or its place in the batch, is to be kept. */
  retain(keep: (record: SinkRecord, index: number) => boolean): void {
    const records: SinkRecord[] = []
    const starts: number[] = []
    const rows = Buffer.from(this.#writer.view())
    this.#writer.truncate(0)
    for (const [index, record] of this.#records.entries()) {
      if (!keep(record, index)) continue
      starts.push(this.#writer.length)
      records.push(record)
      this.#writer.raw(rows.subarray(this.#starts[index], this.#starts[index + 1]))
    }
    this.#starts = starts
    this.#records = records
  }

  clear(): void {
    // another one: the room of many tables' largest batches would be kept
    this.#writer = new AvroWriter()
    this.#starts = []
    this.#records = []
  }
}
