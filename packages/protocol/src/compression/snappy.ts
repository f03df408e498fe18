import { corrupt, tooLarge } from '../batches/error.ts'
import { codecPackage } from './codec-package.ts'

/**
 * Java writes snappy in the framing of snappy-java ("xerial"): a header, then blocks with their length before them. Other
 * clients write one bare block. Both are read; Java's framing is written.
 */
const MAGIC = Buffer.from('82534e4150505900', 'hex')
const HEADER = Buffer.concat([MAGIC, Buffer.from('0000000100000001', 'hex')]) // version 1, readable since version 1
const BLOCK = 32 * 1024
/** Each element of a block makes 64 bytes of at least 3, so a block cannot claim more than this ratio. */
const RATIO = 22

interface Snappy {
  compressSync(data: Uint8Array, options: object): Buffer
  uncompressSync(data: Uint8Array, options: object): Buffer
}
// without `copyOutputData` the output is memory outside V8's own, whose bookkeeping costs five times the compression
const OPTIONS = { asBuffer: true, copyOutputData: true }

let loaded: Snappy | undefined
function snappy(): Snappy {
  loaded ??= codecPackage<Snappy>('snappy', 'snappy')
  return loaded
}

export function compressSnappy(data: Buffer): Buffer {
  const { compressSync } = snappy()
  const parts: Buffer[] = [HEADER]
  for (let at = 0; at < data.length; at += BLOCK) {
    const block = compressSync(data.subarray(at, at + BLOCK), OPTIONS)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

export function decompressSnappy(data: Buffer, limit: number): Buffer {
  if (data.length < HEADER.length || data.compare(MAGIC, 0, MAGIC.length, 0, MAGIC.length) !== 0)
    return decompressBlock(data, limit)
  const parts: Buffer[] = []
  let size = 0
  for (let at = HEADER.length; at < data.length; ) {
    const length = at + 4 <= data.length ? data.readInt32BE(at) : -1
    at += 4
    if (length < 0 || length > data.length - at)
      throw corrupt('snappy', `a block of ${length} bytes at ${at} of ${data.length}`)
    const block = decompressBlock(data.subarray(at, at + length), limit - size)
    parts.push(block)
    size += block.length
    at += length
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size)
}

function decompressBlock(block: Buffer, limit: number): Buffer {
  const claimed = claimedSize(block)
  if (claimed > limit) throw tooLarge('snappy', limit)
  if (claimed > block.length * RATIO)
    throw corrupt('snappy', `${block.length} bytes claim to hold ${claimed}`)
  const { uncompressSync } = snappy()
  try {
    return uncompressSync(block, OPTIONS)
  } catch (error) {
    throw corrupt('snappy', (error as Error).message, error)
  }
}

/** A block begins with the size of its content, which the codec would allocate unseen. */
function claimedSize(block: Buffer): number {
  let size = 0
  for (let at = 0; at < 5 && at < block.length; at++) {
    const byte = block[at] as number
    size += (byte & 0x7f) * 2 ** (at * 7)
    if (byte < 0x80) return size
  }
  throw corrupt('snappy', 'a block without a size')
}
