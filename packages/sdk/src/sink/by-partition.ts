import type { SinkRecord } from '../record.ts'

/**
 * Records by the topic-partition that they were consumed from (`orders-3`), in their order; what offsets refer to, whatever transforms have
 * made of the topic. By anything else, such as the table that a record is for: `Map.groupBy(records, (record) => tableOf(record))`.
 */
export const byPartition = (records: readonly SinkRecord[]): Map<string, SinkRecord[]> =>
  Map.groupBy(records, partitionOf)

export const partitionOf = ({ originalTopic, originalKafkaPartition }: SinkRecord): string =>
  nameOf(originalTopic, originalKafkaPartition)

export const nameOf = (topic: string, partition: number): string => `${topic}-${partition}`
