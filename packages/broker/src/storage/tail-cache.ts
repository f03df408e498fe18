interface Chunk {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly batch: Buffer
}

/** What an entry costs beside its bytes, roughly: tiny batches must not fill the memory with bookkeeping. */
const ENTRY_COST = 256

/** The newest batches of one log, contiguous, as long as the cache has room for them. */
export class Tail {
  private chunks: Chunk[] = []
  private head = 0

  push(chunk: Chunk): void {
    this.chunks.push(chunk)
  }

  dropOldest(): void {
    if (this.head >= this.chunks.length) return
    this.head++
    if (this.head > 64 && this.head * 2 > this.chunks.length) {
      this.chunks = this.chunks.slice(this.head)
      this.head = 0
    }
  }

  clear(): void {
    this.chunks = []
    this.head = 0
  }

  /** The batches from `offset` on that begin before `limit`, at most `maxBytes` but one at least; null when they are not here. */
  read(offset: number, limit: number, maxBytes: number): Buffer | null {
    const { chunks } = this
    let low = this.head
    let high = chunks.length
    if (low === high || offset < (chunks[low] as Chunk).baseOffset) return null
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((chunks[middle] as Chunk).nextOffset <= offset) low = middle + 1
      else high = middle
    }
    const first = chunks[low]
    if (!first || first.baseOffset >= limit) return null
    let bytes = first.batch.length
    let end = low + 1
    for (; end < chunks.length; end++) {
      const { batch, baseOffset } = chunks[end] as Chunk
      if (baseOffset >= limit || bytes + batch.length > maxBytes) break
      bytes += batch.length
    }
    if (end === low + 1) return first.batch
    return Buffer.concat(
      chunks.slice(low, end).map(({ batch }) => batch),
      bytes,
    )
  }
}

/** Bounds the memory of all tails together: the oldest batch of the broker goes first. */
export class TailCache {
  private readonly limit: number
  private queue: { readonly tail: Tail; readonly bytes: number }[] = []
  private head = 0
  private bytes = 0

  constructor(limit: number) {
    this.limit = limit
  }

  add(tail: Tail, baseOffset: number, nextOffset: number, batch: Buffer): void {
    const owned = batch.length * 2 < batch.buffer.byteLength ? copied(batch) : batch
    tail.push({ baseOffset, nextOffset, batch: owned })
    const bytes = batch.length + ENTRY_COST
    this.queue.push({ tail, bytes })
    this.bytes += bytes
    while (this.bytes > this.limit) this.evict()
  }

  private evict(): void {
    const oldest = this.queue[this.head++]
    if (!oldest) return
    this.bytes -= oldest.bytes
    oldest.tail.dropOldest()
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head)
      this.head = 0
    }
  }
}

/** A small view keeps the whole received chunk alive; so would a copy in the pool, which it shares with passing buffers. */
function copied(batch: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(batch.length)
  batch.copy(copy)
  return copy
}
