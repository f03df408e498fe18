import type { SourceOffset, SourcePartition, SourceRecord } from '@isthmus/sdk'
import { partitionIdentity } from '../../store/offsets/bytes.ts'

/**
 * The records handed to the producer and not yet acknowledged, per source partition in order. What may be stored is the
 * offset of the last record before which nothing is missing (invariant 1). A slot is a number, handed to the producer as
 * the record's token, so that nothing is allocated per record.
 */
export interface InFlight {
  /** Takes the next slot; call after the producer took the record, whose token was `nextSlot(record)`. */
  submit(record: SourceRecord): void
  /** Throws where the record has no source partition that could be stored, before the producer has the record. */
  nextSlot(record: SourceRecord): number
  /** Whether records are held until they are acknowledged; without, they are garbage once the producer has encoded them. */
  keepRecords: boolean
  /** The record of a slot that is not acknowledged yet; null unless records are kept. */
  record(slot: number): SourceRecord | null
  acknowledge(slot: number): void
  /** A record that a transform or the error policy dropped: as good as acknowledged, in its place in the order. */
  drop(record: SourceRecord): void
  /** What became safe to store since the last call. */
  takeCommittable(): Map<string, readonly [SourcePartition, SourceOffset]>
  /** Submitted and not acknowledged. */
  readonly pending: number
}

const MASK_BITS = 8

export function openInFlight(): InFlight {
  const byIdentity = new Map<string, PartitionQueue>()
  const byObject = new WeakMap<SourcePartition, PartitionQueue>()
  const advanced = new Set<PartitionQueue>()
  let lastPartition: SourcePartition | null = null
  let lastQueue: PartitionQueue | null = null

  const queues: PartitionQueue[] = []
  const positions: number[] = []
  const records: (SourceRecord | null)[] = []
  const free: number[] = []
  let pending = 0

  const queueOf = (partition: SourcePartition): PartitionQueue => {
    if (partition === lastPartition && lastQueue !== null) return lastQueue
    let queue = byObject.get(partition)
    if (queue === undefined || queue.forgotten) {
      const identity = partitionIdentity(partition)
      queue = byIdentity.get(identity) ?? new PartitionQueue(identity, partition)
      byIdentity.set(identity, queue)
      byObject.set(partition, queue)
    }
    lastPartition = partition
    lastQueue = queue
    return queue
  }

  return {
    nextSlot(record) {
      queueOf(record.sourcePartition)
      return free.at(-1) ?? queues.length
    },
    keepRecords: true,
    record: (slot) => records[slot] ?? null,
    submit(record) {
      const slot = free.pop() ?? queues.length
      const queue = queueOf(record.sourcePartition)
      queues[slot] = queue
      positions[slot] = queue.push(record.sourceOffset)
      if (this.keepRecords) records[slot] = record
      pending++
    },
    acknowledge(slot) {
      const queue = queues[slot] as PartitionQueue
      if (this.keepRecords) records[slot] = null
      free.push(slot)
      pending--
      if (queue.acknowledge(positions[slot] as number)) advanced.add(queue)
    },
    drop(record) {
      const queue = queueOf(record.sourcePartition)
      if (queue.acknowledge(queue.push(record.sourceOffset))) advanced.add(queue)
    },
    takeCommittable() {
      const committable = new Map<string, readonly [SourcePartition, SourceOffset]>()
      for (const queue of advanced) {
        if (queue.committable !== null) committable.set(queue.identity, [queue.partition, queue.committable])
        queue.committable = null
        if (queue.empty && queue !== lastQueue) {
          // sources with ever new partitions (a file each, say) would otherwise never be forgotten
          byIdentity.delete(queue.identity)
          // other objects of the same partition still lead here; two queues of one partition would know nothing of each other
          queue.forgotten = true
        }
      }
      advanced.clear()
      return committable
    },
    get pending() {
      return pending
    },
  }
}

/** The offsets of one source partition as a ring: positions grow, places are reused. */
class PartitionQueue {
  readonly identity: string
  readonly partition: SourcePartition
  committable: SourceOffset | null = null
  forgotten = false
  #offsets: (SourceOffset | null)[] = new Array(1 << MASK_BITS).fill(null)
  #acked = new Uint8Array(1 << MASK_BITS)
  #mask = (1 << MASK_BITS) - 1
  #head = 0
  #tail = 0

  constructor(identity: string, partition: SourcePartition) {
    this.identity = identity
    this.partition = partition
  }

  get empty(): boolean {
    return this.#head === this.#tail
  }

  push(offset: SourceOffset): number {
    const position = this.#tail
    if (position - this.#head > this.#mask) this.#grow()
    const place = position & this.#mask
    this.#offsets[place] = offset
    this.#acked[place] = 0
    // bit operations see 32 bits; a mask far smaller than that makes the wrap invisible
    this.#tail = position + 1
    return position
  }

  /** Whether the committable offset moved. */
  acknowledge(position: number): boolean {
    this.#acked[position & this.#mask] = 1
    if (position !== this.#head) return false
    let head = position
    let place = head & this.#mask
    let last: SourceOffset | null = null
    while (head < this.#tail && this.#acked[place] === 1) {
      last = this.#offsets[place] as SourceOffset
      this.#offsets[place] = null
      head++
      place = head & this.#mask
    }
    this.#head = head
    this.committable = last
    return true
  }

  #grow(): void {
    const mask = this.#mask * 2 + 1
    const offsets: (SourceOffset | null)[] = new Array(mask + 1).fill(null)
    const acked = new Uint8Array(mask + 1)
    for (let position = this.#head; position < this.#tail; position++) {
      offsets[position & mask] = this.#offsets[position & this.#mask] as SourceOffset
      acked[position & mask] = this.#acked[position & this.#mask] as number
    }
    this.#offsets = offsets
    this.#acked = acked
    this.#mask = mask
  }
}
