import { openCluster } from '@isthmus/kafka'
import { eventually } from '../process/eventually.ts'
import { type ApacheKafka, openApacheKafka } from './apache.ts'

const shared = {
  'offsets.topic.replication.factor': '2',
  'transaction.state.log.replication.factor': '2',
  // partitions go back to their preferred leaders soon
  'leader.imbalance.check.interval.seconds': '2',
  'leader.imbalance.per.broker.percentage': '0',
}

export interface TwoBrokers extends AsyncDisposable {
  readonly bootstrapServers: string
  /** Node 2, which may be killed: node 1 is the controller too. */
  readonly mortal: ApacheKafka
}

/** Two Apache Kafka brokers of one cluster, both of which are there. */
export async function openTwoBrokers(): Promise<TwoBrokers> {
  await using stack = new AsyncDisposableStack()
  let voters = ''
  const first = await openApacheKafka(({ controller }) => {
    voters = `1@127.0.0.1:${controller}`
    return shared
  })
  stack.use(first)
  const mortal = await openApacheKafka(({ port }) => ({
    ...shared,
    'process.roles': 'broker',
    'node.id': '2',
    'controller.quorum.voters': voters,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
  }))
  stack.use(mortal)
  const bootstrapServers = `${first.bootstrapServers},${mortal.bootstrapServers}`
  await using cluster = openCluster({ 'bootstrap.servers': bootstrapServers })
  await eventually('both brokers are there', async () => (await cluster.nodes()).nodes.length === 2)
  const owned = stack.move()
  return { bootstrapServers, mortal, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
