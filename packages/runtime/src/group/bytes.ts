/** The plain types of Kafka's older messages, big-endian: as much of them as the group protocol needs. */
import { ConnectError } from '@isthmus/sdk'

export class Cursor {
  private readonly buffer: Buffer
  private at = 0

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  get ended(): boolean {
    return this.at >= this.buffer.length
  }
  int16(): number {
    return this.buffer.readInt16BE(this.take(2))
  }
  int32(): number {
    return this.buffer.readInt32BE(this.take(4))
  }
  int64(): number {
    return Number(this.buffer.readBigInt64BE(this.take(8)))
  }
  string(): string {
    const length = this.int16()
    const start = this.take(length)
    return this.buffer.toString('utf8', start, start + length)
  }
  nullableBytes(): Uint8Array | null {
    const length = this.int32()
    if (length < 0) return null
    const start = this.take(length)
    return this.buffer.subarray(start, start + length)
  }
  /** Of an array; a null one counts as empty. */
  count(): number {
    const count = this.int32()
    // each element has at least one byte: more than are left would be a loop without end
    if (count > this.buffer.length - this.at) throw this.malformed()
    return Math.max(count, 0)
  }
  private take(length: number): number {
    const start = this.at
    if (length < 0 || start + length > this.buffer.length) throw this.malformed()
    this.at = start + length
    return start
  }
  private malformed(): ConnectError {
    return new ConnectError(
      'state',
      `A message of the worker group ends or breaks at byte ${this.at} of ${this.buffer.length}; is another kind of client in the group?`,
    )
  }
}

export class Writer {
  private readonly parts: Buffer[] = []

  int16(value: number): void {
    const part = Buffer.allocUnsafe(2)
    part.writeInt16BE(value)
    this.parts.push(part)
  }
  int32(value: number): void {
    const part = Buffer.allocUnsafe(4)
    part.writeInt32BE(value)
    this.parts.push(part)
  }
  int64(value: number): void {
    const part = Buffer.allocUnsafe(8)
    part.writeBigInt64BE(BigInt(value))
    this.parts.push(part)
  }
  string(text: string): void {
    const part = Buffer.from(text)
    this.int16(part.length)
    this.parts.push(part)
  }
  nullableBytes(bytes: Uint8Array | null): void {
    this.int32(bytes === null ? -1 : bytes.length)
    if (bytes !== null) this.parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.parts)
  }
}
