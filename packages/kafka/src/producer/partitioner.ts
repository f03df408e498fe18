import { murmur2, wholeCharacters } from '@isthmus/protocol'
import type { PartitionInfo, TopicInfo } from '../cluster/topology.ts'
import { PartitionQueue } from './queue.ts'

/** Keys up to this many UTF-16 units are hashed without an allocation. */
const SCRATCH = 1024
const scratch = Buffer.allocUnsafeSlow(SCRATCH * 3)

/** The queues of one topic, and which of them a record without a partition goes to. */
export class TopicQueues<T> {
  readonly name: string
  info: TopicInfo
  readonly queues: PartitionQueue<T>[] = []
  /** For records without partition and key: the same until a batch of it is closed (KIP-480). */
  sticky: PartitionQueue<T> | undefined

  /** Of the partitions that have a leader, for whoever deals records out (RoundRobinPartitioner). */
  turn = 0
  private available: { readonly info: TopicInfo; readonly among: readonly PartitionInfo[] } | null = null

  constructor(info: TopicInfo) {
    this.name = info.name
    this.info = info
    this.update(info)
  }

  /** Partitions may have been added, or a deleted topic made again with fewer. */
  update(info: TopicInfo): void {
    this.info = info
    for (let p = this.queues.length; p < info.partitions.length; p++)
      this.queues.push(new PartitionQueue(this.name, p))
    if (info.partitions.length > 0 && (this.sticky?.partition ?? Infinity) >= info.partitions.length)
      this.moveSticky()
  }

  /** To another partition, at random among those that have a leader. */
  moveSticky(): void {
    const { partitions } = this.info
    const others = partitions.filter((p) => p.leader >= 0 && p.partition !== this.sticky?.partition)
    const choice = others[Math.floor(Math.random() * others.length)]
    const current = this.sticky?.partition ?? 0
    this.sticky = this.queues[choice?.partition ?? (current < partitions.length ? current : 0)]
  }

  partitionInTurn(): number {
    if (this.available?.info !== this.info) {
      const { partitions } = this.info
      const led = partitions.filter((p) => p.leader >= 0)
      this.available = { info: this.info, among: led.length > 0 ? led : partitions }
    }
    const { among } = this.available
    return among[this.turn % among.length]?.partition ?? 0
  }

  /** As Java's partitioner: murmur2 of the key's bytes. */
  byKey(key: Uint8Array | string): PartitionQueue<T> | undefined {
    return this.queues[(hash(key) & 0x7fffffff) % this.info.partitions.length]
  }
}

function hash(key: Uint8Array | string): number {
  if (typeof key !== 'string') return murmur2(key)
  if (key.length > SCRATCH) return murmur2(Buffer.from(wholeCharacters(key)))
  const size = scratch.write(key)
  // what is all ASCII is whole; what is not goes where its bytes in the batch would
  return size === key.length || key.isWellFormed() ? murmur2(scratch, size) : hash(wholeCharacters(key))
}
