import { BatchError, corrupt, tooLarge } from '../batches/error.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** As in the attributes of a record batch. */
export const compressionIds: { readonly [C in Compression]: number } = {
  none: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
}
const names = Object.keys(compressionIds) as Compression[]

export function compressionOf(id: number): Compression {
  const name = names[id]
  if (name === undefined)
    throw new BatchError('UNSUPPORTED_COMPRESSION_TYPE', `Unknown compression type ${id}`)
  return name
}

/**
 * No batch may grow beyond this when decompressed, whatever it claims. Producers fill a batch up to its size before compression,
 * one to a few MB, so only a forged or a broken batch comes near.
 */
const MAX_DECOMPRESSED = 128 * 1024 * 1024
/** From this size on, gzip and zstd take longer than handing the work to another thread costs. */
const WORTH_A_THREAD = 64 * 1024

// not imported: it would cost every thread milliseconds, and few ever compress
const zlib = () => process.getBuiltinModule('node:zlib')

/**
 * In the thread that calls: a batch of 128 KiB takes zstd 1 ms and gzip 4 ms, and every batch of a partition has to wait for the one
 * before it anyway. `level` counts for gzip (1–9, -1) and zstd (-131072–22) only; absent: the codec's default,
 * as in Java.
 */
export function compress(type: Compression, data: Buffer, level?: number): Buffer {
  switch (type) {
    case 'none':
      return data
    case 'gzip':
      return zlib().gzipSync(data, gzipOptions(level))
    case 'zstd':
      return zlib().zstdCompressSync(data, zstdOptions(level))
    case 'snappy':
      return compressSnappy(data)
    case 'lz4':
      return compressLz4(data)
  }
}

/** Throws `BatchError`: CORRUPT_MESSAGE for what the codec rejects, MESSAGE_TOO_LARGE beyond `limit` bytes. */
export function decompress(type: Compression, data: Buffer, limit: number = MAX_DECOMPRESSED): Buffer {
  switch (type) {
    case 'none':
      return data
    case 'snappy':
      return decompressSnappy(data, limit)
    case 'lz4':
      return decompressLz4(data, limit)
    default:
      try {
        const { gunzipSync, zstdDecompressSync } = zlib()
        return (type === 'gzip' ? gunzipSync : zstdDecompressSync)(data, { maxOutputLength: limit })
      } catch (error) {
        throw refusal(type, error, limit)
      }
  }
}

/** As `decompress`, off the thread where that is worth it. */
export async function decompressAsync(
  type: Compression,
  data: Buffer,
  limit: number = MAX_DECOMPRESSED,
): Promise<Buffer> {
  if (data.length < WORTH_A_THREAD || (type !== 'gzip' && type !== 'zstd'))
    return decompress(type, data, limit)
  try {
    const { gunzip, zstdDecompress } = zlib()
    const options = { maxOutputLength: limit }
    return await settled((done) =>
      type === 'gzip' ? gunzip(data, options, done) : zstdDecompress(data, options, done),
    )
  } catch (error) {
    throw refusal(type, error, limit)
  }
}

function settled(start: (done: (error: Error | null, result: Buffer) => void) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result)))
  })
}

function gzipOptions(level: number = zlib().constants.Z_DEFAULT_COMPRESSION) {
  return { level }
}
function zstdOptions(level: number = zlib().constants.ZSTD_CLEVEL_DEFAULT) {
  return { params: { [zlib().constants.ZSTD_c_compressionLevel]: level } }
}

function refusal(type: Compression, error: unknown, limit: number): BatchError {
  const { code, message } = error as Error & { code?: string }
  return code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(type, limit) : corrupt(type, message, error)
}
