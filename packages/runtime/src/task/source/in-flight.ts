import type { SourceOffset, SourcePartition, SourceRecord } from '@isthmus/sdk'
import { partitionIdentity } from '../../store/offsets/bytes.ts'

/**
 * The records handed to the producer and not yet acknowledged, per source partition in order. What may be stored is the
 * offset of the last record before which nothing is missing (invariant 1). A slot is a number, which the producer carries as the
 * record's token: objects of hundreds of thousands of records in flight would be the garbage collector's.
 */
export interface InFlight {
  /** Gives the record its place, before the producer has it. Throws where the record has no source partition that could be stored. */
  take(record: SourceRecord): number
  /** The producer did not take the record: its place counts no more. */
  giveBack(slot: number): void
  acknowledge(slot: number): void
  /** Of a slot that is taken; null unless records are kept. */
  record(slot: number): SourceRecord | null
  /** A record that a transform or the error policy dropped: as good as acknowledged, in its place in the order. */
  drop(record: SourceRecord): void
  /** What became safe to store since the last call. */
  takeCommittable(): Map<string, readonly [SourcePartition, SourceOffset]>
  /** With the producer and not acknowledged. */
  readonly pending: number
}

export interface InFlightParts {
  /** Whether records are held until they are acknowledged; without, they are garbage once the producer has encoded them. */
  readonly keepRecords: boolean
}

const MASK_BITS = 8

const PENDING = 0
const ACKNOWLEDGED = 1
const VACANT = 2

export function openInFlight({ keepRecords }: InFlightParts): InFlight {
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
  const release = (slot: number): void => {
    if (keepRecords) records[slot] = null
    free.push(slot)
    pending--
  }

  return {
    take(record) {
      const queue = queueOf(record.sourcePartition)
      const slot = free.pop() ?? queues.length
      queues[slot] = queue
      positions[slot] = queue.push(record.sourceOffset)
      if (keepRecords) records[slot] = record
      pending++
      return slot
    },
    giveBack(slot) {
      const queue = queues[slot] as PartitionQueue
      release(slot)
      if (queue.vacate(positions[slot] as number)) advanced.add(queue)
    },
    acknowledge(slot) {
      const queue = queues[slot] as PartitionQueue
      release(slot)
      if (queue.acknowledge(positions[slot] as number)) advanced.add(queue)
    },
    record: (slot) => records[slot] ?? null,
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
  #settled = new Uint8Array(1 << MASK_BITS)
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
    this.#settled[place] = PENDING
    // bit operations see 32 bits; a mask far smaller than that makes the wrap invisible
    this.#tail = position + 1
    return position
  }

  /** Whether the committable offset moved. */
  acknowledge(position: number): boolean {
    return this.#settle(position, ACKNOWLEDGED)
  }

  /** As `acknowledge`, of a place that no record has after all. */
  vacate(position: number): boolean {
    return this.#settle(position, VACANT)
  }

  #settle(position: number, as: typeof ACKNOWLEDGED | typeof VACANT): boolean {
    this.#settled[position & this.#mask] = as
    if (position !== this.#head) return false
    let head = position
    let place = head & this.#mask
    let last: SourceOffset | null | undefined
    while (head < this.#tail && this.#settled[place] !== PENDING) {
      if (this.#settled[place] === ACKNOWLEDGED) last = this.#offsets[place] as SourceOffset
      this.#offsets[place] = null
      head++
      place = head & this.#mask
    }
    this.#head = head
    if (last === undefined) return false
    this.committable = last
    return true
  }

  #grow(): void {
    const mask = this.#mask * 2 + 1
    const offsets: (SourceOffset | null)[] = new Array(mask + 1).fill(null)
    const settled = new Uint8Array(mask + 1)
    for (let position = this.#head; position < this.#tail; position++) {
      offsets[position & mask] = this.#offsets[position & this.#mask] as SourceOffset
      settled[position & mask] = this.#settled[position & this.#mask] as number
    }
    this.#offsets = offsets
    this.#settled = settled
    this.#mask = mask
  }
}
