import type { SinkRecord } from '@isthmus/sdk'
import { namedFor } from './record-fields.ts'
import { Table, type TableParts } from './table.ts'
import { type Naming, tableNameOf } from './table-name.ts'

/** The tables that a task has met, and which of them a record goes to. */
export class Tables {
  readonly #naming: Naming
  readonly #parts: TableParts
  readonly #byName = new Map<string, Table>()
  /** By topic, and by what tables of its records are named for. */
  readonly #routes = new Map<string, Map<string | null, Table>>()

  constructor(naming: Naming, parts: TableParts) {
    this.#naming = naming
    this.#parts = parts
  }

  all(): Iterable<Table> {
    return this.#byName.values()
  }

  /** The table of a record; undefined when it has not been opened yet. */
  find(record: SinkRecord): Table | undefined {
    return this.#routes.get(record.topic)?.get(namedFor(record))
  }

  /** The table of a record, which is described by the database now, and created where it is not there. */
  async open(record: SinkRecord): Promise<Table> {
    const named = namedFor(record)
    const name = tableNameOf(this.#naming, record.topic, named)
    const table = this.#byName.get(name) ?? (await Table.open(name, record, this.#parts))
    this.#byName.set(name, table)
    const ofTopic = this.#routes.get(record.topic) ?? new Map<string | null, Table>()
    this.#routes.set(record.topic, ofTopic.set(named, table))
    return table
  }

  /** Inserts all rows that wait. */
  async send(): Promise<void> {
    for (const table of this.#byName.values()) await table.send()
  }

  /** What the rows that wait and their records take, in bytes. */
  bytes(): number {
    let bytes = 0
    for (const { batch, recordBytes } of this.#byName.values())
      bytes += batch.bytes + batch.records.length * recordBytes
    return bytes
  }

  /** The lowest offset of the records that wait, by partition as `placeOf` names it. */
  waiting(): ReadonlyMap<string, number> {
    const lowest = new Map<string, number>()
    for (const { batch } of this.#byName.values())
      for (const record of batch.records) {
        const place = placeOf(record)
        lowest.set(place, Math.min(lowest.get(place) ?? Number.POSITIVE_INFINITY, record.originalKafkaOffset))
      }
    return lowest
  }

  /** Forgets the rows that wait of these partitions: another task inserts them. */
  drop(places: ReadonlySet<string>): void {
    for (const { batch } of this.#byName.values())
      if (batch.records.length > 0) batch.retain((record) => !places.has(placeOf(record)))
  }
}

/** The topic-partition that a record was consumed from. */
export const placeOf = ({ originalTopic, originalKafkaPartition }: SinkRecord): string =>
  `${originalTopic}-${originalKafkaPartition}`
