// The cluster: connections, metadata, coordinators

export type { Admin, NewTopic, OffsetSpec, TopicPartitionOffset } from './admin.ts'
export { openAdmin } from './admin.ts'
export type {
  ClientProps,
  Cluster,
  ClusterOptions,
  Node,
  PartitionInfo,
  RequestOptions,
  Target,
  TopicInfo,
} from './cluster.ts'
export { openCluster } from './cluster.ts'
export type { ConsumerConfig, OffsetReset } from './consumer-properties.ts'
export { consumerOptions } from './consumer-properties.ts'
export type { ClientFault } from './errors.ts'
export { KafkaError, kafkaError } from './errors.ts'
// Fetching
export type { FetchedBatch, FetchedHeader, FetchedRecord, Fetcher } from './fetcher.ts'
export { openFetcher } from './fetcher.ts'
export type { ClientLog } from './log.ts'
// Producing
export type { Acknowledged, Producer, ProducerOptions, RecordBytes, RecordHeader } from './producer.ts'
export { openProducer } from './producer.ts'
export type { ProducerProperties } from './producer-properties.ts'
export { producerOptions } from './producer-properties.ts'
export type { ClientOptions } from './properties.ts'
export { clientOptions } from './properties.ts'
