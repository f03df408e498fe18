import type {
  Admin,
  ClientProps,
  Cluster,
  ConsumerGroup,
  Fetcher,
  FetcherOptions,
  Producer,
  ProducerOptions,
  Stalled,
  Subscription,
} from '@isthmus/kafka'

/** The parts of the Kafka client that tasks use; tests put fakes in their place. */
export interface KafkaClients {
  openCluster(props: ClientProps): Cluster
  openProducer<T>(cluster: Cluster, props: ClientProps, options: ProducerOptions<T>): Producer<T>
  openFetcher(cluster: Cluster, props: ClientProps, options?: FetcherOptions): Fetcher
  openAdmin(cluster: Cluster): Admin
  openConsumerGroup(
    cluster: Cluster,
    props: ClientProps,
    subscription: Subscription,
    options?: { readonly stalled?: Stalled },
  ): ConsumerGroup
}
