import type {
  Admin,
  ClientProps,
  Cluster,
  ConsumerGroup,
  Fetcher,
  Producer,
  ProducerOptions,
  Subscription,
} from '@isthmus/kafka'

/** The parts of the Kafka client that tasks use; tests put fakes in their place. */
export interface KafkaClients {
  openCluster(props: ClientProps): Cluster
  openProducer<T>(cluster: Cluster, props: ClientProps, options: ProducerOptions<T>): Producer<T>
  openFetcher(cluster: Cluster, props: ClientProps): Fetcher
  openAdmin(cluster: Cluster): Admin
  openConsumerGroup(cluster: Cluster, props: ClientProps, subscription: Subscription): ConsumerGroup
}
