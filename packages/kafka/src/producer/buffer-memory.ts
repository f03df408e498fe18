import { KafkaError } from '../errors.ts'
import type { ProducerProperties } from '../properties/producer.ts'
import { MAX_TIMER_MS } from '../waiting.ts'
import type { PartitionQueue } from './queue.ts'
import type { RecordBytes, RecordHeader } from './record.ts'

/** A record's length beside its key, value and headers, batch header included, as Java estimates it. */
const OVERHEAD = 61 + 21

/** A record that is not taken yet, and what it waits for: full batches of its partition that must go first, or null: memory. */
interface Waiter {
  readonly taken: PromiseWithResolvers<void>
  readonly timer: NodeJS.Timeout
  readonly backlog: PartitionQueue<unknown> | null
}

/** `buffer.memory`: what is taken of it, and who waits for some. */
export class BufferMemory {
  /** Bytes that batches hold. */
  taken = 0
  private readonly total: number
  private readonly blockMs: number
  private waiter: Waiter | null = null

  constructor(settings: ProducerProperties) {
    this.total = settings['buffer.memory']
    this.blockMs = settings['max.block.ms']
  }

  /** One batch always finds room, also where `batch.size` is beyond the total. */
  has(bytes: number): boolean {
    return this.taken <= 0 || this.taken + bytes <= this.total
  }
  get awaited(): { readonly backlog: PartitionQueue<unknown> | null } | null {
    return this.waiter
  }
  /** Settles at `release`; rejects after `max.block.ms`. Who waits for memory counts before who waits for a backlog. */
  wait(bytes: number, backlog: PartitionQueue<unknown> | null): Promise<void> {
    const { waiter } = this
    if (waiter === null) {
      const timer = setTimeout(() => this.expire(bytes), Math.min(this.blockMs, MAX_TIMER_MS))
      this.waiter = { taken: Promise.withResolvers<void>(), timer, backlog }
      return this.waiter.taken.promise
    }
    if (waiter.backlog !== null) this.waiter = { ...waiter, backlog }
    return waiter.taken.promise
  }
  private expire(bytes: number): void {
    const message = `Failed to allocate ${bytes} bytes within the configured max blocking time ${this.blockMs} ms. Total memory: ${this.total} bytes. Available memory: ${Math.max(0, this.total - this.taken)} bytes.`
    this.release(new KafkaError('TIMED_OUT', message))
  }
  release(error: KafkaError | null): void {
    const { waiter } = this
    if (waiter === null) return
    this.waiter = null
    clearTimeout(waiter.timer)
    if (error === null) waiter.taken.resolve()
    else waiter.taken.reject(error)
  }
}

/** Bytes that a batch of this record alone takes, unless that is surely less than `least`; throws MESSAGE_TOO_LARGE. */
export function sizeOf(
  settings: ProducerProperties,
  least: number,
  key: RecordBytes,
  value: RecordBytes,
  headers: readonly RecordHeader[],
): number {
  const most = settings['max.request.size']
  const total = settings['buffer.memory']
  // UTF-8 takes three bytes at most for each unit of a string
  const roughly = ((key?.length ?? 0) + (value?.length ?? 0)) * 3 + OVERHEAD
  if (headers.length === 0 && roughly <= Math.min(least, most, total)) return least
  let size = OVERHEAD + byteLength(key) + byteLength(value)
  for (const header of headers) size += byteLength(header.key) + byteLength(header.value) + 10
  const limit =
    size > most
      ? `${most}, which is the value of the max.request.size configuration.`
      : 'the total memory buffer you have configured with the buffer.memory configuration.'
  if (size > most || size > total)
    throw new KafkaError(
      'MESSAGE_TOO_LARGE',
      `The message is ${size} bytes when serialized which is larger than ${limit}`,
    )
  return Math.max(least, size)
}

function byteLength(bytes: RecordBytes): number {
  if (bytes === null) return 0
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
}
