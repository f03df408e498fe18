// Record batches

export { BatchError } from './batches/error.ts'
export type { RecordBatch, RecordBytes, RecordHeader, TimestampType } from './batches/layout.ts'
export {
  addToSequence,
  BATCH_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_ENDS,
  batchSize,
  COMPRESSION_MASK,
  TRANSACTIONAL,
} from './batches/layout.ts'
export type { DecodedHeader, DecodedRecord, ReadOptions } from './batches/reader.ts'
export { decodeRecords, payloadOf, readBatches } from './batches/reader.ts'
export {
  assignOffset,
  markerOutcome,
  resequence,
  retainRecords,
  stampAppendTime,
  type TransactionOutcome,
  transactionMarker,
} from './batches/rewrite.ts'
export type { BatchOptions, BatchProducer } from './batches/writer.ts'
export { BatchWriter, wholeCharacters } from './batches/writer.ts'
export type { Compression } from './compression/compression.ts'
export { compressionIds } from './compression/compression.ts'
export { murmur2 } from './hashes/murmur2.ts'

// Messages and their codec

export { ByteReader, ByteWriter, MalformedError } from './codec/bytes.ts'
export type { RequestHeader } from './codec/codec.ts'
export {
  decode,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encode,
  encodeRequest,
  encodeResponse,
} from './codec/codec.ts'

// Errors

export type { ErrorCode, ErrorName, Remedy } from './errors.ts'
export { errorIds, errorOf } from './errors.ts'

// Their types

export type { AnswerOf, Api, Message, ReceivedOf, RequestOf, ResponseOf } from './codec/fields.ts'
export { NO_UUID } from './codec/fields.ts'
