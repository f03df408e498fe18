// The cluster: connections, metadata, coordinators

export type { Cluster, ClusterOptions, RequestOptions } from './cluster/cluster.ts'
export { openCluster } from './cluster/cluster.ts'
export type { Target } from './cluster/target.ts'
export type { Node, PartitionInfo, TopicInfo } from './cluster/topology.ts'
export type { ClientFault } from './errors.ts'
export { KafkaError, kafkaError } from './errors.ts'
export type { ClientLog, ClientLogs } from './log.ts'

// Partitions and offsets

export type { CommittedOffset, PartitionOffset, TopicPartition } from './topic-partition.ts'
export { partitionName } from './topic-partition.ts'

// Properties

export type { ClientOptions } from './properties/client.ts'
export { clientOptions } from './properties/client.ts'
export type { ConsumerConfig, OffsetReset } from './properties/consumer.ts'
export { consumerOptions } from './properties/consumer.ts'
export type { ProducerProperties } from './properties/producer.ts'
export { producerOptions } from './properties/producer.ts'
export type { ClientProps } from './properties/types.ts'

// Administration

export type { Admin } from './admin/admin.ts'
export { openAdmin } from './admin/admin.ts'
export type { DescribedMember, GroupDescription } from './admin/groups.ts'
export { assignedPartitions } from './admin/groups.ts'
export type { OffsetSpec } from './admin/records.ts'
export type { NewTopic } from './admin/topics.ts'

// Producing, with or without transactions

export type { OffsetsOf } from './cluster/offset-requests.ts'
export type { Acknowledged, Producer, ProducerOptions } from './producer/producer.ts'
export { openProducer } from './producer/producer.ts'
export type { RecordBytes, RecordHeader } from './producer/record.ts'
export type { Stall, Stalled } from './stall.ts'
export type { TransactionState } from './transactions/phase.ts'
export type { TransactionalProducer } from './transactions/transactional-producer.ts'
export { openTransactionalProducer } from './transactions/transactional-producer.ts'

// Fetching

export type { Fetcher, FetcherOptions } from './fetcher/fetcher.ts'
export { openFetcher } from './fetcher/fetcher.ts'
export type { FetchedBatch, FetchedHeader, FetchedRecord } from './fetcher/records.ts'

// Groups

export type { ConsumerGroup, GroupEvent } from './group/consumer-group.ts'
export { openConsumerGroup } from './group/consumer-group.ts'
export type { MembershipEvent } from './group/member-phase.ts'
export type { Membership } from './group/membership.ts'
export { openMembership } from './group/membership.ts'
export type { GroupMember, GroupProtocol, MembershipOptions } from './group/options.ts'
export type { Subscription } from './group/topics.ts'

// Logs of replicated maps

export type { CompactedLog, CompactedLogOptions } from './compacted-log.ts'
export { openCompactedLog } from './compacted-log.ts'
