import { dataError, type SinkRecord } from '@isthmus/sdk'
import { objectKey } from '../objects/key.ts'
import type { ObjectMemory } from '../objects/memory.ts'
import { ObjectWriter } from '../objects/write.ts'

/** An object that is complete and not stored yet. */
export interface WaitingObject {
  readonly key: string
  readonly bytes: Uint8Array
  /** Offset of its first record. */
  readonly start: number
  /** Offset of its last record. */
  readonly end: number
  readonly records: number
  /** How much memory it takes. */
  readonly capacity: number
}

/**
 * What a task has been given of one topic-partition and has not stored yet: whole objects in the order of their offsets, and the one that
 * is being filled. Nothing leaves it but what was stored, and what will be delivered again.
 */
export class Backlog {
  readonly topic: string
  readonly partition: number
  /** What the keys of its objects begin with. */
  readonly folder: string
  readonly #memory: ObjectMemory
  /** Records given since the task was assigned the partition. */
  received = 0
  /** Offset of the record given last: one that is not behind it may have been given before, as may any while there is none. */
  given = Number.POSITIVE_INFINITY
  #filling: ObjectWriter | null = null
  #waiting: WaitingObject[] = []
  /** The first of those that wait, while it is being uploaded. */
  #underWay: WaitingObject | null = null
  /** Its records are being delivered again: it need not be uploaded once more when the upload fails. */
  #superseded = false
  /** How large the next object will probably become. */
  #expected = 0

  constructor(topic: string, partition: number, folder: string, memory: ObjectMemory) {
    this.#memory = memory
    this.topic = topic
    this.partition = partition
    this.folder = folder
  }

  /** Memory that it takes, in bytes. */
  get bytes(): number {
    let bytes = this.fillingBytes
    for (const { capacity } of this.#waiting) bytes += capacity
    return bytes
  }
  /** Memory of the object that is being filled, in bytes. */
  get fillingBytes(): number {
    return this.#filling?.capacity ?? 0
  }
  /** How many objects wait, with the one that is being uploaded. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Takes a record, into a new object when there is no room for it in the last one. An offset that is not behind that of the last record means
   * that the records from there on are delivered again: those held are given up. A record that a backup cannot hold is a `data` error.
   */
  add(record: SinkRecord): void {
    const { originalTopic, originalKafkaPartition, originalKafkaOffset: offset } = record
    if (record.topic !== originalTopic || record.kafkaPartition !== originalKafkaPartition)
      throw dataError(
        `A transform has moved the record of ${originalTopic}-${originalKafkaPartition} at offset ${offset} to ${record.topic}-${record.kafkaPartition}: a backup holds records where they come from; leave out the transform`,
      )
    if (offset <= this.given) this.#rewind(offset)
    this.#filling ??= new ObjectWriter(this.#memory, this.#expected)
    if (!this.#filling.append(record)) {
      this.seal()
      this.#filling = new ObjectWriter(this.#memory, this.#expected)
      this.#filling.append(record)
    }
    this.received++
    this.given = offset
  }

  /** Ends the object that is being filled: it waits from now on. */
  seal(): void {
    const filling = this.#filling
    this.#filling = null
    if (filling === null || filling.records === 0) return
    const { start, end, records, capacity } = filling
    const key = objectKey(this.folder, start, end)
    const bytes = filling.bytes()
    this.#expected = bytes.length
    this.#waiting.push({ key, bytes, start, end, records, capacity })
  }

  /** The object to upload next; `settled` has to follow before it is called again. */
  take(): WaitingObject | null {
    this.#underWay = this.#waiting[0] ?? null
    return this.#underWay
  }

  /** The upload of the object last taken is over. */
  settled(stored: boolean): void {
    if (stored || this.#superseded) this.#waiting.shift()
    this.#underWay = null
    this.#superseded = false
  }

  /** Where the group may go on after a crash, given that the worker has delivered everything before `delivered`. */
  safeOffset(delivered: number): number {
    let safe = delivered
    for (const { start } of this.#waiting) safe = Math.min(safe, start)
    return this.#filling?.records ? Math.min(safe, this.#filling.start) : safe
  }

  /**
   * Objects with records before the offset stay as they are: those are not delivered again, and where objects overlap a restore takes each
   * offset once.
   */
  #rewind(offset: number): void {
    this.#filling?.truncate(offset)
    this.#waiting = this.#waiting.filter((object) => object === this.#underWay || object.start < offset)
    if (this.#underWay !== null && this.#underWay.start >= offset) this.#superseded = true
  }
}
