/** Avro's binary encoding, read from bytes that others have written: what is wrong with them throws a `RangeError` that says where. */
export class AvroReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether all has been read. */
  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  boolean(): boolean {
    return this.#byte() !== 0
  }

  /** An int, or a long that a number holds exactly. */
  int(): number {
    let value = 0
    let scale = 1
    for (let width = 1; width <= 10; width++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      }
      scale *= 0x80
    }
    throw new RangeError(`no integer of at most 53 bits before byte ${this.#at}`)
  }

  long(): bigint {
    // as a number as long as that is exact: most longs are small, and a bigint for each byte is slow
    let low = 0
    for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
      const byte = this.#byte()
      low += (byte & 0x7f) * scale
      if (byte < 0x80) return BigInt(low % 2 === 0 ? low / 2 : -(low + 1) / 2)
    }
    let value = BigInt(low)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    }
    throw new RangeError(`no long before byte ${this.#at}`)
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#skip(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8))
  }

  string(): string {
    const size = this.#size()
    const start = this.#skip(size)
    return this.#bytes.toString('utf8', start, start + size)
  }

  /** A view of the bytes that are read. */
  bytes(): Buffer {
    const size = this.#size()
    const start = this.#skip(size)
    return this.#bytes.subarray(start, start + size)
  }

  /** Calls `item` for each item of an array, or for each entry of a map. */
  items(item: () => void): void {
    for (let count = this.int(); count !== 0; count = this.int()) {
      if (count < 0) this.int() // the size of the block in bytes, for those who skip it
      for (let left = Math.abs(count); left > 0; left--) {
        // items without any byte would let a few bytes ask for memory without end
        if (this.done) throw new RangeError(`the bytes end before item ${left} of a block`)
        item()
      }
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw new RangeError(`the bytes end at ${this.#at}`)
    this.#at++
    return byte
  }

  #size(): number {
    const size = this.int()
    if (size < 0) throw new RangeError(`a length of ${size} before byte ${this.#at}`)
    return size
  }

  #skip(size: number): number {
    const start = this.#at
    if (size > this.#bytes.length - start)
      throw new RangeError(
        `${size} bytes from byte ${start} on are more than the ${this.#bytes.length} there are`,
      )
    this.#at = start + size
    return start
  }
}
