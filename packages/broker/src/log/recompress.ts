import type { DecodedRecord, RecordBatch } from '@isthmus/protocol'
import { BatchWriter, type Compression, decodeRecords, readBatches } from '@isthmus/protocol'
import type { TopicConfig } from '../topics/config.ts'
import { refusalOf } from './validate.ts'

/** The batch as `compression.type` wants it in the log; itself when it is, or when the producer decides. */
export function recompressed(batch: RecordBatch, config: TopicConfig): RecordBatch {
  const wanted = config['compression.type']
  if (wanted === 'producer') return batch
  const compression = (wanted === 'uncompressed' ? 'none' : wanted) as Compression
  if (batch.compression === compression) return batch
  const writer = new BatchWriter(Number.POSITIVE_INFINITY, Buffer.allocUnsafeSlow(batch.buffer.length * 2))
  for (const { timestamp, key, value, headers } of decoded(batch))
    writer.append(timestamp, key, value, headers)
  const { producerId, producerEpoch, baseSequence, transactional } = batch
  const level = levelOf(compression, config)
  const rewritten = writer.finish({
    producerId,
    producerEpoch,
    baseSequence,
    transactional,
    compression,
    ...(level === undefined ? {} : { compressionLevel: level }),
  })
  return readBatches(rewritten, { checkCrc: false })[0] ?? batch
}

function decoded(batch: RecordBatch): DecodedRecord[] {
  try {
    return decodeRecords(batch)
  } catch (error) {
    throw refusalOf(error)
  }
}

function levelOf(compression: Compression, config: TopicConfig): number | undefined {
  switch (compression) {
    case 'gzip':
      return config['compression.gzip.level']
    case 'zstd':
      return config['compression.zstd.level']
    default:
      return undefined
  }
}
