import type { DecodedRecord, RecordBatch } from '@isthmus/protocol'
import { BATCH_AT, BatchError, decodeRecords, MalformedError, readBatches } from '@isthmus/protocol'
import { messageOf, RequestError } from '../request-error.ts'
import type { TopicConfig } from '../topics/config.ts'
import type { Origin } from './log.ts'

/** The batches of an append, if the log may take them as they are. Throws what Kafka would refuse them with. */
export function validBatches(
  records: Buffer,
  origin: Origin,
  config: TopicConfig,
  now: number,
): RecordBatch[] {
  const batches = parsed(records)
  if (origin === 'client' && batches.length !== 1)
    throw new RequestError(
      'INVALID_RECORD',
      `Produce requests are only allowed to contain exactly one record batch per partition, not ${batches.length}`,
    )
  for (const batch of batches) validate(batch, origin, config, now)
  return batches
}

function parsed(records: Buffer): RecordBatch[] {
  let batches: RecordBatch[]
  try {
    batches = readBatches(records)
  } catch (error) {
    // Kafka has had no word for older formats since it dropped them
    if (error instanceof BatchError && error.kafka === 'UNSUPPORTED_FOR_MESSAGE_FORMAT')
      throw new RequestError('INVALID_RECORD', error.message)
    throw refusalOf(error)
  }
  const whole = batches.reduce((bytes, { buffer }) => bytes + buffer.length, 0)
  if (whole !== records.length)
    throw new RequestError(
      'INVALID_RECORD',
      `${records.length - whole} bytes behind the last whole record batch`,
    )
  return batches
}

/** What a batch that cannot be read is refused with. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof BatchError) return new RequestError(error.kafka, error.message)
  if (error instanceof MalformedError) return new RequestError('CORRUPT_MESSAGE', messageOf(error))
  return error
}

function validate(batch: RecordBatch, origin: Origin, config: TopicConfig, now: number): void {
  const size = batch.buffer.length
  if (size > config['max.message.bytes'])
    throw new RequestError(
      'MESSAGE_TOO_LARGE',
      `The record batch size in the append is ${size} bytes which exceeds the maximum configured value of ${config['max.message.bytes']}.`,
    )
  if (size > config['segment.bytes'])
    throw new RequestError(
      'RECORD_LIST_TOO_LARGE',
      `The record batch size is ${size} bytes which exceeds the maximum configured segment size of ${config['segment.bytes']}.`,
    )
  const span = batch.lastOffset - batch.baseOffset + 1
  if (span <= 0) throw new RequestError('INVALID_RECORD', `Batch has an invalid offset range of ${span}`)
  if (batch.count !== span)
    throw new RequestError(
      'INVALID_RECORD',
      `Inconsistent batch offset range: ${span} offsets for ${batch.count} records`,
    )
  if (origin === 'coordinator') return
  if (batch.control)
    throw new RequestError('INVALID_RECORD', 'Clients are not allowed to write control records')
  if (batch.producerId >= 0 && batch.baseSequence < 0)
    throw new RequestError(
      'INVALID_RECORD',
      `Invalid sequence number ${batch.baseSequence} in record batch with producerId ${batch.producerId}`,
    )
  if (batch.transactional && batch.producerId < 0)
    throw new RequestError('INVALID_RECORD', 'A transactional batch without a producer id')
  if (config['message.timestamp.type'] === 'CreateTime') validateTimestamps(batch, config, now)
  if (config.compact) validateKeys(batch)
  else if (batch.compression === 'none') validateRecordLengths(batch)
}

function validateTimestamps(batch: RecordBatch, config: TopicConfig, now: number): void {
  const { baseTimestamp, maxTimestamp } = batch
  const before = now - config['message.timestamp.before.max.ms']
  const after = now + config['message.timestamp.after.max.ms']
  // -1 is "no timestamp"
  const isOut = (timestamp: number) => timestamp !== -1 && (timestamp < before || timestamp > after)
  if (!isOut(baseTimestamp) && !isOut(maxTimestamp)) return
  const faults = faultsIn(batch, ({ timestamp }) =>
    isOut(timestamp)
      ? `Timestamp ${timestamp} of message is out of range. The timestamp should be within [${before}, ${after}]`
      : null,
  )
  throw new RequestError(
    'INVALID_TIMESTAMP',
    'One or more records have been rejected due to invalid timestamp',
    faults,
  )
}

/** Compaction goes by keys, so a compacted topic takes no record without one. */
function validateKeys(batch: RecordBatch): void {
  const faults = faultsIn(batch, ({ key }) =>
    key === null ? 'Compacted topic cannot accept message without key' : null,
  )
  if (faults.length > 0)
    throw new RequestError(
      'INVALID_RECORD',
      `One or more records have been rejected: ${faults.length} of them have no key, but the topic is compacted`,
      faults,
    )
}

function faultsIn(batch: RecordBatch, faultOf: (record: DecodedRecord) => string | null) {
  try {
    return decodeRecords(batch).flatMap((record, batchIndex) => {
      const batchIndexErrorMessage = faultOf(record)
      return batchIndexErrorMessage === null ? [] : [{ batchIndex, batchIndexErrorMessage }]
    })
  } catch (error) {
    throw refusalOf(error)
  }
}

/** Walks from record to record, so that what is not made of `count` records is refused now and not by every reader. */
function validateRecordLengths(batch: RecordBatch): void {
  const { buffer } = batch
  let at: number = BATCH_AT.records
  for (let index = 0; index < batch.count; index++) {
    let zigzag = 0
    let shift = 0
    let byte = 0x80
    while (byte > 0x7f && shift < 35 && at < buffer.length) {
      byte = buffer[at++] as number
      zigzag |= (byte & 0x7f) << shift
      shift += 7
    }
    const length = (zigzag >>> 1) ^ -(zigzag & 1)
    if (length < 6 || length > buffer.length - at) throw badRecord(index)
    at += length
  }
  if (at !== buffer.length) throw badRecord(batch.count)
}

function badRecord(index: number): RequestError {
  return new RequestError(
    'INVALID_RECORD',
    `The batch is not made of its records: wrong length at record ${index}`,
  )
}
