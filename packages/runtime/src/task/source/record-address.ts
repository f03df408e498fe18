import { ConnectError, type SourceRecord } from '@isthmus/sdk'
import { encodeFlat } from '../../store/offsets/bytes.ts'

const isPartition = (partition: unknown): boolean =>
  partition === null || (Number.isInteger(partition) && (partition as number) >= 0)

/** Whether a record says where it is to go in a way that a producer understands; what it does not, it would wait for without end. */
export const isAddress = (topic: unknown, partition: unknown, timestamp: unknown): boolean =>
  typeof topic === 'string' &&
  isPartition(partition) &&
  // -1 stands for none, as in Java
  (timestamp === null || (Number.isSafeInteger(timestamp) && (timestamp as number) >= -1))

/** As in Java it ends the task, whatever errors are tolerated. */
export function noAddress(record: SourceRecord): ConnectError {
  const { topic, kafkaPartition: partition, timestamp } = record
  const origin = `The record is from source partition ${textOf(record.sourcePartition)} at offset ${textOf(record.sourceOffset)}.`
  if (typeof topic !== 'string')
    return new ConnectError(
      'connect',
      `Topic ${(topic ?? null) === null ? 'cannot be null' : 'must be a string'}: it is ${String(topic)}. ${origin}`,
    )
  if (!isPartition(partition ?? null))
    return new ConnectError(
      'connect',
      `Invalid partition: ${String(partition)}. Partition number should always be non-negative or null. ${origin}`,
    )
  return new ConnectError(
    'connect',
    `Invalid record timestamp ${String(timestamp)} for topic ${topic}: it is a whole number of milliseconds since 1970, or null. ${origin}`,
  )
}

function textOf(of: SourceRecord['sourcePartition']): string {
  try {
    return encodeFlat(of)
  } catch {
    return String(of)
  }
}
