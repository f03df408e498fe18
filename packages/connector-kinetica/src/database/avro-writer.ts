/** Of longs between these a number holds the zigzag encoding exactly, and divides it several times faster than a bigint does. */
const EXACT = 2n ** 52n

/**
 * Avro's binary encoding, written into one buffer that grows. Rows of whole batches go through it: there is no object for a row, and
 * none for a value.
 */
export class AvroWriter {
  #bytes: Buffer
  #end = 0

  constructor(capacity = 1024) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#end
  }

  /** Forgets what lies behind `length`; the room stays. */
  truncate(length: number): void {
    this.#end = length
  }

  /** What has been written from `start` on: a view, valid until the next write. */
  view(start = 0, end = this.#end): Buffer {
    return this.#bytes.subarray(start, end)
  }

  boolean(value: boolean): void {
    this.#room(1)
    this.#bytes[this.#end++] = value ? 1 : 0
  }

  /** An int, or a long whose value a number holds exactly. */
  int(value: number): void {
    this.#room(10)
    // the low bits as an integer of 32 bits where they suffice, else by division: a number has no shifts beyond 32 bits
    if (value >= -0x40000000 && value < 0x40000000) this.#varint((value << 1) ^ (value >> 31))
    else this.#wideVarint(value < 0 ? -2 * value - 1 : 2 * value, value)
  }

  long(value: bigint): void {
    if (value >= -EXACT && value < EXACT) {
      this.int(Number(value))
      return
    }
    this.#room(10)
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (rest > 0x7fn) {
      this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#bytes[this.#end++] = Number(rest)
  }

  float(value: number): void {
    this.#room(4)
    this.#end = this.#bytes.writeFloatLE(value, this.#end)
  }

  double(value: number): void {
    this.#room(8)
    this.#end = this.#bytes.writeDoubleLE(value, this.#end)
  }

  string(value: string): void {
    // of a short text nearly always the size: its length is written first, and moved where the text needs more bytes
    const start = this.#end
    this.#room(value.length * 3 + 10)
    const guess = widthOf(value.length)
    const written = this.#bytes.write(value, start + guess, 'utf8')
    const width = widthOf(written)
    if (width !== guess) this.#bytes.copyWithin(start + width, start + guess, start + guess + written)
    this.#varint(written << 1)
    this.#end = start + width + written
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length + 10)
    this.#varint(value.length << 1)
    this.#bytes.set(value, this.#end)
    this.#end += value.length
  }

  /** Bytes that are Avro already. */
  raw(value: Uint8Array): void {
    this.#room(value.length)
    this.#bytes.set(value, this.#end)
    this.#end += value.length
  }

  /** Puts the length of what was written from `start` on before it, which makes it a value of Avro's `bytes`. */
  enclose(start: number): void {
    const size = this.#end - start
    const width = widthOf(size)
    this.#room(width)
    this.#bytes.copyWithin(start + width, start, this.#end)
    this.#end = start
    this.#varint(size << 1)
    this.#end = start + width + size
  }

  #room(size: number): void {
    const needed = this.#end + size
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }

  #varint(zigzag: number): void {
    let rest = zigzag
    while (rest > 0x7f) {
      this.#bytes[this.#end++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#bytes[this.#end++] = rest
  }

  #wideVarint(zigzag: number, value: number): void {
    if (!Number.isSafeInteger(zigzag)) {
      this.long(BigInt(value))
      return
    }
    let rest = zigzag
    while (rest > 0x7f) {
      this.#bytes[this.#end++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    this.#bytes[this.#end++] = rest
  }
}

/** How many bytes the varint of a length takes. */
const widthOf = (length: number): number => {
  let width = 1
  for (let rest = length >>> 6; rest > 0; rest >>>= 7) width++
  return width
}
