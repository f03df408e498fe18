import { MalformedError } from '@isthmus/protocol'

/** Bytes read at once while no big frame is under way. */
const SCRATCH = 32 * 1024

/**
 * Cuts a byte stream into frames. The socket asks `next` where to read to and tells `filled` how much it read: the rest of a big
 * frame is read straight into it, so that it is neither copied nor joined; small frames are copied out of the scratch buffer.
 */
export class FrameReader {
  /** Longest frame accepted: raised once the peer has shown that it speaks the protocol. */
  maxFrame: number
  private readonly emit: (frame: Buffer) => void
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH)
  private readonly prefix = Buffer.alloc(4)
  private prefixed = 0
  private frame: Buffer | null = null
  private received = 0
  private direct = false

  constructor(maxFrame: number, emit: (frame: Buffer) => void) {
    this.maxFrame = maxFrame
    this.emit = emit
  }

  next(): Buffer {
    const { frame, received } = this
    this.direct = frame !== null && frame.length - received >= SCRATCH
    return this.direct && frame ? frame.subarray(received) : this.scratch
  }
  /** Throws MalformedError when the stream cannot be Kafka's. */
  filled(bytes: number): void {
    if (this.direct) {
      this.received += bytes
      this.finishIfComplete()
    } else this.push(this.scratch, bytes)
  }
  /** For sockets that bring their own buffers. */
  push(chunk: Uint8Array, length = chunk.length): void {
    let at = 0
    while (at < length) {
      if (this.frame === null) {
        while (this.prefixed < 4 && at < length) this.prefix[this.prefixed++] = chunk[at++] as number
        if (this.prefixed < 4) return
        this.frame = this.begin(this.prefix.readInt32BE())
      }
      const taken = Math.min(this.frame.length - this.received, length - at)
      this.frame.set(chunk.subarray(at, at + taken), this.received)
      this.received += taken
      at += taken
      this.finishIfComplete()
    }
  }

  private begin(size: number): Buffer {
    // the correlation id alone takes four bytes
    if (size < 4 || size > this.maxFrame)
      throw new MalformedError(
        `Frame of ${size} bytes, where 4 to ${this.maxFrame} are possible${hintOf(size)}`,
      )
    return Buffer.allocUnsafe(size)
  }
  private finishIfComplete(): void {
    const { frame } = this
    if (frame === null || this.received < frame.length) return
    this.frame = null
    this.received = 0
    this.prefixed = 0
    this.emit(frame)
  }
}

/** The first four bytes of other protocols make sizes that one can recognise. */
function hintOf(size: number): string {
  const isTls = size >>> 16 === 0x1503 || size >>> 16 === 0x1603
  if (isTls) return ' (this looks like TLS: security.protocol must be SSL or SASL_SSL there)'
  return size === 0x48545450 ? ' (this looks like HTTP)' : ''
}
