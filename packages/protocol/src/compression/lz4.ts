import { corrupt, tooLarge } from '../batches/error.ts'
import { codecPackage } from './codec-package.ts'

/**
 * The LZ4 frame: a header, blocks of at most the size it names, an end mark. Written as Java does, with independent blocks of
 * 64 KiB and no checksums; read with anything the format allows but dictionaries. Checksums are passed over: the batch's CRC
 * covers every byte of the frame.
 */
const MAGIC = 0x184d2204
const INDEPENDENT = 0x60
const VERSION_MASK = 0xc0
const VERSION = 0x40
const BLOCKS_INDEPENDENT = 0x20
const BLOCK_CHECKSUMS = 0x10
const CONTENT_SIZE = 0x08
const CONTENT_CHECKSUM = 0x04
const DICTIONARY = 0x01
const STORED = 0x80000000
const BLOCK = 64 * 1024
const WINDOW = 64 * 1024
/** Of block maximum 4 (64 KiB), with the second byte of the header's xxHash-32. */
const HEADER = Buffer.from([0x04, 0x22, 0x4d, 0x18, INDEPENDENT, 0x40, 0x82])
const END = Buffer.alloc(4)
/** A byte of a block lengthens a match by 255 at most. */
const RATIO = 255

/** Both ways, a block has its decompressed size before it, in 4 bytes. */
interface Lz4 {
  compressSync(data: Buffer): Buffer
  uncompressSync(data: Buffer, dictionary?: Buffer): Buffer
}
let loaded: Lz4 | undefined
function lz4(): Lz4 {
  loaded ??= codecPackage<Lz4>('lz4', 'lz4-napi')
  return loaded
}

export function compressLz4(data: Buffer): Buffer {
  const { compressSync } = lz4()
  const parts: Buffer[] = [HEADER]
  for (let at = 0; at < data.length; at += BLOCK) {
    const plain = data.subarray(at, at + BLOCK)
    const sized = compressSync(plain)
    const length = sized.length - 4
    if (length < plain.length) {
      sized.writeUInt32LE(length, 0) // the frame has the compressed size where the codec has the other one
      parts.push(sized)
    } else {
      const stored = Buffer.allocUnsafe(4)
      stored.writeUInt32LE((plain.length | STORED) >>> 0)
      parts.push(stored, plain)
    }
  }
  parts.push(END)
  return Buffer.concat(parts)
}

export function decompressLz4(data: Buffer, limit: number): Buffer {
  const { flags, blockSize, start } = readFrameHeader(data)
  const parts: Buffer[] = []
  let size = 0
  let at = start
  for (;;) {
    if (data.length - at < 4) throw corrupt('lz4', 'the frame has no end')
    const word = data.readUInt32LE(at)
    at += 4
    if (word === 0) break
    const length = word % STORED
    if (length > blockSize || length > data.length - at)
      throw corrupt('lz4', `a block of ${length} bytes at ${at} of ${data.length}`)
    const block = data.subarray(at, at + length)
    const history = flags & BLOCKS_INDEPENDENT ? undefined : lastBytes(parts)
    const plain = word >= STORED ? block : decompressBlock(block, blockSize, history)
    size += plain.length
    if (size > limit) throw tooLarge('lz4', limit)
    parts.push(plain)
    at += length + (flags & BLOCK_CHECKSUMS ? 4 : 0)
  }
  if (flags & CONTENT_CHECKSUM) at += 4
  if (at !== data.length) throw corrupt('lz4', `${data.length - at} bytes behind the frame`)
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size)
}

function readFrameHeader(data: Buffer): { flags: number; blockSize: number; start: number } {
  if (data.length < HEADER.length || data.readUInt32LE(0) !== MAGIC)
    throw corrupt('lz4', 'it is not an LZ4 frame')
  const flags = data[4] as number
  if ((flags & VERSION_MASK) !== VERSION) throw corrupt('lz4', `unknown frame version ${flags >> 6}`)
  if (flags & DICTIONARY) throw corrupt('lz4', 'it needs a dictionary')
  const code = ((data[5] as number) >> 4) & 7
  if (code < 4) throw corrupt('lz4', `unknown block maximum ${code}`)
  return { flags, blockSize: 1 << (8 + 2 * code), start: HEADER.length + (flags & CONTENT_SIZE ? 8 : 0) }
}

function decompressBlock(block: Buffer, blockSize: number, history: Buffer | undefined): Buffer {
  const room = Math.min(blockSize, block.length * RATIO)
  const sized = Buffer.allocUnsafe(4 + block.length)
  sized.writeUInt32LE(room)
  block.copy(sized, 4)
  const { uncompressSync } = lz4()
  try {
    return uncompressSync(sized, history)
  } catch (error) {
    throw corrupt('lz4', (error as Error).message, error)
  }
}

/** What a linked block may refer to. */
function lastBytes(parts: readonly Buffer[]): Buffer | undefined {
  const last: Buffer[] = []
  let size = 0
  for (let i = parts.length - 1; i >= 0 && size < WINDOW; i--) {
    const part = parts[i] as Buffer
    last.unshift(part)
    size += part.length
  }
  if (size === 0) return undefined
  return last.length === 1 ? last[0] : Buffer.concat(last, size)
}
