/** Below this size a frame is carved out of a received chunk instead of getting a buffer of its own. */
const OWN_BUFFER = 4096

/**
 * Cuts a byte stream into length-prefixed frames. A big frame is allocated once, from its prefix, and its chunks are copied in. A prefix
 * beyond `limit` throws; memory below it is only reserved by the allocation and taken as bytes arrive.
 */
export class FrameReader {
  private readonly limit: number
  private readonly emit: (frame: Buffer) => void
  private readonly prefix = Buffer.alloc(4)
  private prefixBytes = 0
  private frame: Buffer | null = null
  private filled = 0

  constructor(limit: number, emit: (frame: Buffer) => void) {
    this.limit = limit
    this.emit = emit
  }

  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.frame) {
        const bytes = Math.min(this.frame.length - this.filled, chunk.length - at)
        chunk.copy(this.frame, this.filled, at, at + bytes)
        this.filled += bytes
        at += bytes
        if (this.filled === this.frame.length) {
          const { frame } = this
          this.frame = null
          this.emit(frame)
        }
        continue
      }
      if (this.prefixBytes === 0 && chunk.length - at >= 4) {
        const size = this.validSize(chunk.readInt32BE(at))
        at += 4
        if (size < OWN_BUFFER && chunk.length - at >= size) {
          this.emit(chunk.subarray(at, at + size))
          at += size
        } else this.begin(size)
        continue
      }
      this.prefix[this.prefixBytes++] = chunk[at++] as number
      if (this.prefixBytes === 4) this.begin(this.validSize(this.prefix.readInt32BE(0)))
    }
  }

  private begin(size: number): void {
    this.prefixBytes = 0
    this.filled = 0
    this.frame = Buffer.allocUnsafe(size)
  }

  private validSize(size: number): number {
    // the shortest request header has 10 bytes
    if (size < 10 || size > this.limit)
      throw new Error(`a request of ${size} bytes; requests have 10 to ${this.limit} bytes`)
    return size
  }
}
