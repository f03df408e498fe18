import type {
  Admin,
  ClientLog,
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
import type { Logger } from '../log.ts'

/** The parts of the Kafka client that tasks use; tests put fakes in their place. */
export interface KafkaClients {
  openCluster(props: ClientProps, options?: { readonly log?: ClientLog }): Cluster
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

const NETWORK = 'org.apache.kafka.clients.NetworkClient'

/** Connections and attempts of a client, for who asks for them; whether Kafka is away is said once, by whoever waits for it. */
export function networkLog(named: (logger: string) => Logger): { readonly log: ClientLog } {
  const log = named(NETWORK)
  const debug = (message: string) => log.debug(message)
  return { log: { debug, warn: debug } }
}
