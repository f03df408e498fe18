// Record batches

export { BatchError } from './batch-error.ts'
export type { RecordBatch, RecordBytes, RecordHeader, TimestampType } from './batch-layout.ts'
export { addToSequence } from './batch-layout.ts'
export type { DecodedHeader, DecodedRecord, ReadOptions } from './batch-reader.ts'
export { decodeRecords, payloadOf, readBatches } from './batch-reader.ts'
export {
  assignOffset,
  markerOutcome,
  resequence,
  retainRecords,
  stampAppendTime,
  transactionMarker,
} from './batch-rewrite.ts'
export type { BatchOptions, BatchProducer } from './batch-writer.ts'
export { BatchWriter, wholeCharacters } from './batch-writer.ts'
export type { Compression } from './compression.ts'
export { murmur2 } from './murmur2.ts'

// Messages and their codec

export { ByteReader, ByteWriter, MalformedError } from './bytes.ts'
export type { RequestHeader } from './codec.ts'
export {
  decode,
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encode,
  encodeRequest,
  encodeResponse,
} from './codec.ts'

// Errors

export type { ErrorCode, ErrorName, Remedy } from './errors.ts'
export { errorIds, errorOf } from './errors.ts'

// Their types

export type { AnswerOf, Api, Message, ReceivedOf, RequestOf, ResponseOf } from './fields.ts'
export { NO_UUID } from './fields.ts'
