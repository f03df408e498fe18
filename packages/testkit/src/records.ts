import { NO_HEADERS, type SinkRecord } from '@isthmus/sdk'

/** A sink record from what a test is about; everything else takes the usual value. */
export function sinkRecord(fields: Partial<SinkRecord> = {}): SinkRecord {
  const topic = fields.topic ?? 'test'
  const kafkaPartition = fields.kafkaPartition ?? 0
  const kafkaOffset = fields.kafkaOffset ?? 0
  return {
    topic,
    kafkaPartition,
    kafkaOffset,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: 0,
    timestampType: 'CreateTime',
    headers: NO_HEADERS,
    originalTopic: topic,
    originalKafkaPartition: kafkaPartition,
    originalKafkaOffset: kafkaOffset,
    ...fields,
  }
}
