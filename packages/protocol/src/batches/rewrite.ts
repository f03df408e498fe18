import { writeInt64 } from '../codec/bytes.ts'
import { compress, decompress } from '../compression/compression.ts'
import {
  BATCH_AT,
  BATCH_LENGTH_ENDS,
  COMPRESSION_MASK,
  CONTROL,
  LOG_APPEND_TIME,
  type RecordBatch,
  sealBatch,
  TRANSACTIONAL,
} from './layout.ts'
import { type DecodedRecord, decodeRecords, recordEnd } from './reader.ts'
import { type BatchProducer, BatchWriter } from './writer.ts'

/** How a transaction ends, and what its marker in each partition says. */
export type TransactionOutcome = 'commit' | 'abort'

/** In place, for a batch sent again under another producer id, epoch or sequence. */
export function resequence(batch: Buffer, producer: BatchProducer): void {
  const attributes = batch.readInt16BE(BATCH_AT.attributes) & ~TRANSACTIONAL
  batch.writeInt16BE(attributes | (producer.transactional ? TRANSACTIONAL : 0), BATCH_AT.attributes)
  writeInt64(batch, producer.producerId, BATCH_AT.producerId)
  batch.writeInt16BE(producer.producerEpoch, BATCH_AT.producerEpoch)
  batch.writeInt32BE(producer.baseSequence, BATCH_AT.baseSequence)
  sealBatch(batch)
}

/** In place, by the broker that appends the batch to its log. The CRC does not cover these fields. */
export function assignOffset(batch: Buffer, baseOffset: number, leaderEpoch: number): void {
  writeInt64(batch, baseOffset, BATCH_AT.baseOffset)
  batch.writeInt32BE(leaderEpoch, BATCH_AT.leaderEpoch)
}

/** In place, for topics with `message.timestamp.type=LogAppendTime`: every record then has this time. */
export function stampAppendTime(batch: Buffer, timestamp: number): void {
  batch.writeInt16BE(batch.readInt16BE(BATCH_AT.attributes) | LOG_APPEND_TIME, BATCH_AT.attributes)
  writeInt64(batch, timestamp, BATCH_AT.maxTimestamp)
  sealBatch(batch)
}

/** The batch that ends a transaction in a partition; to be appended like any other. */
export function transactionMarker(
  outcome: TransactionOutcome,
  producer: { readonly producerId: number; readonly producerEpoch: number },
  coordinatorEpoch: number,
  timestamp: number,
): Buffer {
  const key = Buffer.alloc(4) // version 0, then abort 0 or commit 1
  key.writeInt16BE(outcome === 'commit' ? 1 : 0, 2)
  const value = Buffer.alloc(6) // version 0
  value.writeInt32BE(coordinatorEpoch, 2)
  const writer = new BatchWriter(0)
  writer.append(timestamp, key, value, null)
  const batch = writer.finish({ ...producer, baseSequence: -1, transactional: true })
  batch.writeInt16BE(batch.readInt16BE(BATCH_AT.attributes) | CONTROL, BATCH_AT.attributes)
  sealBatch(batch)
  return batch
}
/** What the record of a control batch says; null for kinds that do not end a transaction. */
export function markerOutcome(batch: RecordBatch): TransactionOutcome | null {
  const key = decodeRecords(batch)[0]?.key
  if (!batch.control || !key || key.length < 4) return null
  const type = key.readInt16BE(2)
  return type === 1 ? 'commit' : type === 0 ? 'abort' : null
}

/**
 * For compaction: the batch with only the records that `keep` says, at their offsets; maybe with none. The batch itself
 * when nothing goes.
 */
export function retainRecords(batch: RecordBatch, keep: (record: DecodedRecord) => boolean): Buffer {
  const payload = decompress(batch.compression, batch.buffer.subarray(BATCH_AT.records))
  const records = decodeRecords(batch, payload)
  const parts: Buffer[] = []
  let maxTimestamp = -Infinity
  let at = 0
  for (const record of records) {
    const end = recordEnd(payload, at)
    if (keep(record)) {
      parts.push(payload.subarray(at, end))
      if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp
    }
    at = end
  }
  if (parts.length === records.length) return batch.buffer
  const empty = parts.length === 0
  // as Java does, an empty batch is not compressed and keeps its greatest timestamp
  const kept = empty ? payload.subarray(0, 0) : compress(batch.compression, Buffer.concat(parts))
  const retained = Buffer.concat([batch.buffer.subarray(0, BATCH_AT.records), kept])
  retained.writeInt32BE(retained.length - BATCH_LENGTH_ENDS, BATCH_AT.batchLength)
  retained.writeInt32BE(parts.length, BATCH_AT.count)
  if (empty)
    retained.writeInt16BE(retained.readInt16BE(BATCH_AT.attributes) & ~COMPRESSION_MASK, BATCH_AT.attributes)
  else if (batch.timestampType === 'CreateTime') writeInt64(retained, maxTimestamp, BATCH_AT.maxTimestamp)
  sealBatch(retained)
  return retained
}
