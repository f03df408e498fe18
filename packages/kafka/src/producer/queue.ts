import type { Compression } from '@isthmus/protocol'
import { addToSequence, BatchWriter, decodeRecords, readBatches } from '@isthmus/protocol'
import type { KafkaError } from '../errors.ts'
import type { PartitionResponse } from './answers.ts'
import {
  afterBatch,
  FRESH,
  inNewEpoch,
  lostBy,
  type Numbering,
  type ProducerIdentity,
  provenBy,
  withoutBatch,
} from './sequence.ts'

/** A flush waits for the batches that existed when it was called. */
export interface FlushWait {
  left: number
  readonly resolve: () => void
}

/** Records of one partition on their way: open, then waiting, in flight, perhaps waiting again, acknowledged. */
export interface ProducerBatch<T> {
  readonly writer: BatchWriter
  readonly tokens: T[]
  readonly timestamps: number[]
  readonly createdAt: number
  /** Number of its first record in the partition's queue: the order of batches, also of split ones. */
  readonly first: number
  readonly memory: number
  /** The encoded batch; null while open, and after its sequence became void. */
  bytes: Buffer | null
  /** -1 until it was sent for the first time. */
  baseSequence: number
  attempts: number
  /** Of the last attempt. */
  failure: KafkaError | null
  readonly flushes: FlushWait[]
}

export interface BatchFormat {
  readonly compression: Compression
  readonly compressionLevel: number | undefined
  readonly transactional: boolean
}

/** The batches of one partition that are not acknowledged, and its place in the broker's sequence numbers. */
export class PartitionQueue<T> {
  readonly topic: string
  readonly partition: number
  open: ProducerBatch<T> | null = null
  /** In order; those that were sent before come first. */
  readonly waiting: ProducerBatch<T>[] = []
  readonly inFlight: ProducerBatch<T>[] = []
  /** In the log, but not told of yet, since an older one is not through; in order. */
  readonly held: { readonly batch: ProducerBatch<T>; readonly response: PartitionResponse | null }[] = []
  /** Where `inFlight` is: batches go to a new leader only when the old one has answered. */
  inFlightNode = -1
  /** The last answer casts doubt on who leads: asked anew before anything is sent. */
  leaderDoubtful = false
  retryAt = 0
  failures = 0
  /** Taken into closed batches so far. */
  private records = 0
  private numbering: Numbering = FRESH

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** The oldest batch that could go next; the open one only when `partial` ones may go. */
  head(partial: boolean): ProducerBatch<T> | null {
    return this.waiting[0] ?? (partial ? this.open : null)
  }
  get idle(): boolean {
    return this.open === null && this.waiting.length === 0 && this.inFlight.length === 0
  }

  openBatch(
    limit: number,
    memory: number,
    buffer: Buffer | undefined,
    createdAt = Date.now(),
    first = this.records,
  ): ProducerBatch<T> {
    const writer = buffer ? new BatchWriter(limit, buffer) : new BatchWriter(limit)
    return {
      writer,
      tokens: [],
      timestamps: [],
      createdAt,
      first,
      memory,
      bytes: null,
      baseSequence: -1,
      attempts: 0,
      failure: null,
      flushes: [],
    }
  }

  /** The open batch takes no more records. */
  close(): void {
    if (this.open === null) return
    this.records = this.open.first + this.open.tokens.length
    this.waiting.push(this.open)
    this.open = null
  }

  /** Whether order allows `waiting[0]` to go to `node` now. */
  sendable(node: number, idempotent: boolean): boolean {
    if (this.inFlight.length === 0) return true
    const head = this.waiting[0] ?? this.open
    if (head === null || this.inFlightNode !== node) return false
    // what was refused once goes alone, so that the answer tells whether it is in the log
    if (head.attempts > 0 || (this.inFlight[0]?.attempts ?? 0) > 1) return false
    return !idempotent || this.numbering.type === 'proven'
  }

  /** Takes the head into flight and gives it its sequence. */
  send(node: number, identity: ProducerIdentity | null, format: BatchFormat): ProducerBatch<T> {
    if (this.waiting.length === 0) this.close()
    const batch = this.waiting.shift() as ProducerBatch<T>
    if (identity !== null && batch.baseSequence < 0) {
      batch.baseSequence = this.numbering.type === 'fresh' ? 0 : this.numbering.next
      this.numbering = afterBatch(this.numbering, identity, batch.tokens.length)
      batch.bytes = null
    }
    const own = this.numbering.type === 'fresh' ? null : this.numbering.identity
    batch.bytes ??= batch.writer.finish({
      ...format,
      ...(format.compressionLevel === undefined ? {} : { compressionLevel: format.compressionLevel }),
      producerId: own?.producerId ?? -1,
      producerEpoch: own?.epoch ?? -1,
      baseSequence: batch.baseSequence,
    } as Parameters<BatchWriter['finish']>[0])
    batch.attempts++
    this.inFlight.push(batch)
    this.inFlightNode = node
    return batch
  }

  landed(batch: ProducerBatch<T>): void {
    const at = this.inFlight.indexOf(batch)
    if (at >= 0) this.inFlight.splice(at, 1)
  }
  succeeded(): void {
    this.numbering = provenBy(this.numbering)
    this.failures = 0
    this.retryAt = 0
  }

  hold(batch: ProducerBatch<T>, response: PartitionResponse | null): void {
    let at = this.held.length
    while (at > 0 && (this.held[at - 1]?.batch.first ?? -1) > batch.first) at--
    this.held.splice(at, 0, { batch, response })
  }
  /** What is held without need any more. */
  released(): PartitionQueue<T>['held'] {
    if (this.held.length === 0) return this.held
    const older = this.held.findIndex(({ batch }) => !this.isOldest(batch))
    return this.held.splice(0, older < 0 ? this.held.length : older)
  }

  /** Back among the waiting ones, at its place. */
  requeue(batch: ProducerBatch<T>): void {
    let at = 0
    while (at < this.waiting.length && (this.waiting[at] as ProducerBatch<T>).first < batch.first) at++
    this.waiting.splice(at, 0, batch)
  }

  /** No older batch is unacknowledged: what a broker says about its sequence is about the log, not about a batch before it. */
  isOldest(batch: ProducerBatch<T>): boolean {
    const older = (b: ProducerBatch<T>) => b.first < batch.first
    return !this.inFlight.some(older) && !this.waiting.some(older)
  }

  /**
   * A batch was refused, never to be in the log. When nothing later has a number yet, its own are free again; otherwise the gap
   * shows as OUT_OF_ORDER_SEQUENCE_NUMBER of the next one, which then renumbers. After more than one attempt it may be in the
   * log after all.
   */
  refused(batch: ProducerBatch<T>): void {
    if (batch.attempts !== 1 || batch.baseSequence < 0) return
    this.numbering = withoutBatch(this.numbering, batch.baseSequence, batch.tokens.length)
  }

  /** The log lacks the oldest batch: all that waits gets new numbers, once nothing is in flight. */
  sequenceLost(): void {
    this.numbering = lostBy(this.numbering)
  }
  /** Does what `sequenceLost` asked for; false: the epochs of this producer id are used up. */
  settleNumbers(): boolean {
    if (this.numbering.type !== 'lost' || this.inFlight.length > 0) return true
    const numbering = inNewEpoch(this.numbering)
    this.numberBy(numbering)
    return numbering.type !== 'fresh'
  }
  /** Numbers what waits from 0, as whatever identity it is sent with. */
  numberAfresh(): void {
    this.numberBy(FRESH)
  }
  private numberBy(numbering: Numbering): void {
    this.numbering = numbering
    for (const batch of this.waiting) {
      batch.baseSequence = -1
      batch.bytes = null
    }
  }

  /** Two batches for one that the broker finds too large: the same records with the same sequence numbers. */
  split(batch: ProducerBatch<T>): ProducerBatch<T>[] {
    const [whole] = readBatches(batch.bytes as Buffer, { checkCrc: false })
    const records = whole ? decodeRecords(whole) : []
    const half = Math.ceil(records.length / 2)
    return [
      [0, half],
      [half, records.length],
    ].map(([from = 0, to = 0]) => {
      const memory = Math.ceil((batch.memory * (to - from)) / records.length)
      const part = this.openBatch(
        batch.writer.size + 1024,
        memory,
        undefined,
        batch.createdAt,
        batch.first + from,
      )
      for (const r of records.slice(from, to)) part.writer.append(r.timestamp, r.key, r.value, r.headers)
      part.tokens.push(...batch.tokens.slice(from, to))
      part.timestamps.push(...batch.timestamps.slice(from, to))
      part.baseSequence = batch.baseSequence < 0 ? -1 : addToSequence(batch.baseSequence, from)
      return part
    })
  }
}
