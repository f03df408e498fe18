// The cluster: connections, metadata, coordinators

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
export type { ClientFault } from './errors.ts'
export { KafkaError, kafkaError } from './errors.ts'
export type { ClientLog, ClientLogs } from './log.ts'

// Properties

export type { ConsumerConfig, OffsetReset } from './consumer-properties.ts'
export { consumerOptions } from './consumer-properties.ts'
export type { ProducerProperties } from './producer-properties.ts'
export { producerOptions } from './producer-properties.ts'
export type { ClientOptions } from './properties.ts'
export { clientOptions } from './properties.ts'

// TLS for HTTPS

export { clientTls } from './tls/client.ts'
export { serverTls } from './tls/server.ts'

// Administration

export type { Admin, NewTopic, OffsetSpec, TopicPartitionOffset } from './admin.ts'
export { openAdmin } from './admin.ts'

// Producing, with or without transactions

export type { Acknowledged, Producer, ProducerOptions, RecordBytes, RecordHeader } from './producer.ts'
export { openProducer } from './producer.ts'
export type { Stall, Stalled } from './stall.ts'
export type { OffsetsOf, TransactionalProducer, TransactionOffset, TransactionState } from './transaction.ts'
export { openTransactionalProducer } from './transaction.ts'

// Fetching

export type { FetchedBatch, FetchedHeader, FetchedRecord, Fetcher } from './fetcher.ts'
export { type FetcherOptions, openFetcher } from './fetcher.ts'

// Groups

export type {
  CommittedPartition,
  ConsumerGroup,
  GroupEvent,
  GroupPartition,
  Subscription,
} from './consumer-group.ts'
export { openConsumerGroup } from './consumer-group.ts'
export type {
  GroupMember,
  GroupProtocol,
  Membership,
  MembershipEvent,
  MembershipOptions,
} from './membership.ts'
export { openMembership } from './membership.ts'

// Logs of replicated maps

export type { CompactedLog, CompactedLogOptions } from './compacted-log.ts'
export { openCompactedLog } from './compacted-log.ts'
