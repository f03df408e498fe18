/** The primitive readings and writings of the wire, over growing and over received buffers. */

export class MalformedError extends Error {
  override name = 'MalformedError'
}

const MAX_SAFE_HIGH = 0x200000

/** Beyond 2^53 the nearest number is returned: only limits, never offsets or times, are so large. */
export function readInt64(buffer: Buffer, at: number): number {
  const high = buffer.readInt32BE(at)
  if (high >= MAX_SAFE_HIGH || high < -MAX_SAFE_HIGH) return Number(buffer.readBigInt64BE(at))
  return high * 0x100000000 + buffer.readUInt32BE(at + 4)
}
export function writeInt64(buffer: Buffer, value: number, at: number): void {
  if (value >= 2 ** 63) {
    // Java's Long.MAX_VALUE, which a number cannot hold exactly
    buffer.writeInt32BE(0x7fffffff, at)
    buffer.writeInt32BE(-1, at + 4)
    return
  }
  const high = Math.floor(value / 0x100000000)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 0x100000000, at + 4)
}

/** Byte strings from this size on are sent as they are, not copied into the frame. */
const BY_REFERENCE = 4096

/** Collects one frame. Big byte strings are kept by reference, so `finish` returns several buffers. */
export class ByteWriter {
  private parts: Buffer[] = []
  private buffer: Buffer
  private start = 0
  private position = 0
  private finished = 0

  constructor(size = 512) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  get length(): number {
    return this.finished + this.position - this.start
  }

  private room(bytes: number): void {
    if (this.position + bytes <= this.buffer.length) return
    const used = this.position - this.start
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + bytes + 256))
    this.buffer.copy(grown, 0, this.start, this.position)
    this.buffer = grown
    this.start = 0
    this.position = used
  }

  int8(value: number): void {
    this.room(1)
    this.buffer[this.position++] = value
  }
  int16(value: number): void {
    this.room(2)
    this.buffer.writeInt16BE(value, this.position)
    this.position += 2
  }
  uint16(value: number): void {
    this.room(2)
    this.buffer.writeUInt16BE(value, this.position)
    this.position += 2
  }
  int32(value: number): void {
    this.room(4)
    this.buffer.writeInt32BE(value, this.position)
    this.position += 4
  }
  uint32(value: number): void {
    this.room(4)
    this.buffer.writeUInt32BE(value, this.position)
    this.position += 4
  }
  int64(value: number): void {
    this.room(8)
    writeInt64(this.buffer, value, this.position)
    this.position += 8
  }
  float64(value: number): void {
    this.room(8)
    this.buffer.writeDoubleBE(value, this.position)
    this.position += 8
  }
  uvarint(value: number): void {
    this.room(5)
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.buffer[this.position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.position++] = rest
  }
  uuid(value: string): void {
    this.room(16)
    if (this.buffer.write(value, this.position, 16, 'hex') !== 16)
      throw new TypeError(`A UUID has 32 hexadecimal digits, not '${value}'`)
    this.position += 16
  }
  utf8(value: string, length: number): void {
    this.room(length)
    this.buffer.write(value, this.position, length, 'utf8')
    this.position += length
  }
  raw(value: Uint8Array): void {
    if (value.length < BY_REFERENCE) {
      this.room(value.length)
      this.buffer.set(value, this.position)
      this.position += value.length
      return
    }
    this.cut()
    this.parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    this.finished += value.length
  }
  private cut(): void {
    if (this.position === this.start) return
    this.parts.push(this.buffer.subarray(this.start, this.position))
    this.finished += this.position - this.start
    this.start = this.position
  }
  /** The frame in order. The writer is spent. */
  finish(): Buffer[] {
    this.cut()
    return this.parts
  }
}

/** Reads a received frame. Anything that does not fit throws `MalformedError`, never reads beyond the end. */
export class ByteReader {
  readonly buffer: Buffer
  position: number
  readonly end: number

  constructor(buffer: Buffer, position = 0, end = buffer.length) {
    this.buffer = buffer
    this.position = position
    this.end = end
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** Moves past `bytes` bytes and says where they began. */
  take(bytes: number): number {
    const at = this.position
    if (bytes < 0 || bytes > this.end - at)
      throw new MalformedError(
        `Message ends after ${this.end} bytes, but a field of ${bytes} bytes begins at ${at}`,
      )
    this.position = at + bytes
    return at
  }
  int8(): number {
    return this.buffer.readInt8(this.take(1))
  }
  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }
  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2))
  }
  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }
  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4))
  }
  int64(): number {
    return readInt64(this.buffer, this.take(8))
  }
  float64(): number {
    return this.buffer.readDoubleBE(this.take(8))
  }
  uvarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1)] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0xffffffff) break
        return value
      }
    }
    throw new MalformedError(`Variable-length number at ${this.position} is too long`)
  }
  uuid(): string {
    const at = this.take(16)
    return this.buffer.toString('hex', at, at + 16)
  }
  utf8(length: number): string {
    const at = this.take(length)
    return this.buffer.toString('utf8', at, at + length)
  }
  raw(length: number): Buffer {
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }
}
