import type { FetchedRecord } from '@isthmus/kafka'
import type { Serialized, SinkRecord, TimestampType } from '@isthmus/sdk'
import type { OriginalRecord } from '../errors/dead-letter.ts'
import type { Describe } from '../errors/error-log.ts'
import type { Codec } from '../stages/codec.ts'

/** A record as it was consumed: what dead letters hold and offsets refer to. */
export interface ConsumedRecord {
  readonly topic: string
  readonly partition: number
  readonly timestampType: TimestampType
  readonly record: FetchedRecord
}

export const originalOfConsumed = ({ topic, partition, record }: ConsumedRecord): OriginalRecord => ({
  key: record.key,
  value: record.value,
  headers: record.headers,
  timestamp: record.timestamp < 0 ? null : record.timestamp,
  origin: [
    ['topic', topic],
    ['partition', String(partition)],
    ['offset', String(record.offset)],
  ],
})

export const describeConsumed: Describe<ConsumedRecord> = {
  whole: wholeText,
  place: ({ topic, partition, record }) =>
    `consumed record of topic '${topic}', partition ${partition}, offset ${record.offset}`,
}

/** In Java's words. */
function wholeText({ topic, partition, timestampType, record }: ConsumedRecord): string {
  const time =
    timestampType === 'NoTimestampType'
      ? ''
      : `, timestamp=${record.timestamp}, timestampType=${timestampType}`
  return `consumed record is {topic='${topic}', partition=${partition}, offset=${record.offset}${time}}`
}

/** A record that a task made itself has no bytes: the task's converters make them, as Java does. */
export async function consumedOf(record: SinkRecord, { key, value, header }: Codec): Promise<ConsumedRecord> {
  const { topic, kafkaPartition, kafkaOffset, timestamp, timestampType, headers } = record
  const bytes = (converted: Serialized) => (converted === null ? null : Buffer.from(converted as string))
  return {
    topic,
    partition: kafkaPartition,
    timestampType,
    record: {
      offset: kafkaOffset,
      timestamp: timestamp ?? -1,
      key: bytes(await key.fromConnectData(topic, record.keySchema, record.key, headers)),
      value: bytes(await value.fromConnectData(topic, record.valueSchema, record.value, headers)),
      headers: headers.map((one) => ({
        key: one.key,
        value: bytes(header.fromConnectHeader(topic, one.key, one.schema, one.value)),
      })),
    },
  }
}
