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
export type { ClientLog } from './log.ts'
