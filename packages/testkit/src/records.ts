import { type ConnectRecord, type Headers, NO_HEADERS, type SinkRecord, type Value } from '@isthmus/sdk'

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

/**
 * Records of a topic as a sink gets them: a value for each, or what a record is about; `common` is what they share, such as `valueSchema`.
 * Offsets count from 0 in each partition.
 *
 * ```ts
 * sinkRecords('orders', [{ value: { id: 1 } }, { key: 'a', value: null }], { valueSchema: ORDER })
 * ```
 */
export function sinkRecords(
  topic: string,
  records: readonly Omit<Partial<SinkRecord>, 'topic'>[],
  common: Partial<SinkRecord> = {},
): readonly SinkRecord[] {
  const next = new Map<number, number>()
  return records.map((fields) => {
    const partition = fields.kafkaPartition ?? common.kafkaPartition ?? 0
    const kafkaOffset = fields.kafkaOffset ?? next.get(partition) ?? 0
    next.set(partition, kafkaOffset + 1)
    return sinkRecord({ ...common, ...fields, topic, kafkaPartition: partition, kafkaOffset })
  })
}

/** What a record says, without when and where it was written: equal for two runs of one source. */
export interface RecordContent {
  readonly topic: string
  readonly key: Value
  readonly value: Value
  /** Absent where there are none. */
  readonly headers?: readonly (readonly [key: string, value: Value])[]
}

/** The contents of records of a source, for a sink or of a topic, for a test to compare. */
export const contents = (
  records: readonly (Pick<ConnectRecord, 'topic' | 'key' | 'value'> & { readonly headers?: Headers })[],
): readonly RecordContent[] =>
  records.map(({ topic, key, value, headers = NO_HEADERS }) => ({
    topic,
    key,
    value,
    ...(headers.length > 0 && { headers: headers.map((header) => [header.key, header.value] as const) }),
  }))
