import type {
  Admin,
  ClientLogs,
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
import type { Logger } from '../log/log.ts'

/** The parts of the Kafka client that tasks use; tests put fakes in their place. */
export interface KafkaClients {
  openCluster(props: ClientProps, options?: { readonly logs?: ClientLogs }): Cluster
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

/** What a client does, for who asks for it; whether Kafka is away is said once, by whoever waits for it. */
export function clientLogs(named: (logger: string) => Logger): { readonly logs: ClientLogs } {
  return {
    logs: (logger) => {
      const log = named(logger)
      const debug = (message: string) => log.debug(message)
      return { debug, warn: debug }
    },
  }
}
