import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, openBroker } from '@isthmus/broker'
import { type Admin, openAdmin } from '../admin/admin.ts'
import { type Cluster, openCluster } from '../cluster/cluster.ts'
import type { ClientProps } from '../properties/types.ts'
import { makeTopic } from './contract/target.ts'

/** Time limits that a test can wait for. */
export const impatient = {
  'request.timeout.ms': '300',
  'retry.backoff.ms': '5',
  'retry.backoff.max.ms': '20',
  'reconnect.backoff.ms': '5',
  'reconnect.backoff.max.ms': '20',
}

export interface OwnBroker extends AsyncDisposable {
  readonly broker: Broker
  readonly props: ClientProps
  readonly cluster: Cluster
  readonly admin: Admin
  topic(partitions?: number, configs?: { readonly [name: string]: string }): Promise<string>
  stop(): Promise<void>
  /** On the data and port of the one that was stopped. */
  start(): Promise<void>
}

/** An embedded broker of the test's own, to be put out of order, and a client of it. */
export async function openOwnBroker(
  props: ClientProps = {},
  options: Partial<BrokerOptions> = {},
): Promise<OwnBroker> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-faults-'))
  const properties = { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '100' }
  const open = (port: number) => openBroker({ dataDir, properties, ...options, port })
  let broker = await open(0)
  const { port, bootstrapServers } = broker
  const all = { ...impatient, ...props, 'bootstrap.servers': bootstrapServers }
  const cluster = openCluster(all)
  const admin = openAdmin(cluster)
  let topics = 0
  return {
    get broker() {
      return broker
    },
    props: all,
    cluster,
    admin,
    async topic(partitions = 1, configs = {}) {
      const name = `faults-${++topics}`
      await makeTopic(admin, name, partitions, configs)
      return name
    },
    async stop() {
      await broker[Symbol.asyncDispose]()
    },
    async start() {
      broker = await open(port)
    },
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true })
    },
  }
}

/** Of the protocol's retriable errors, those that a broker may answer these requests with. */
export const retriable = {
  produce: [
    'CORRUPT_MESSAGE',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_OR_FOLLOWER',
    'REQUEST_TIMED_OUT',
    'REPLICA_NOT_AVAILABLE',
    'NETWORK_EXCEPTION',
    'NOT_ENOUGH_REPLICAS',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'KAFKA_STORAGE_ERROR',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
    'THROTTLING_QUOTA_EXCEEDED',
    'UNKNOWN_TOPIC_ID',
  ],
  fetch: [
    'UNKNOWN_TOPIC_OR_PARTITION',
    'LEADER_NOT_AVAILABLE',
    'NOT_LEADER_OR_FOLLOWER',
    'REPLICA_NOT_AVAILABLE',
    'KAFKA_STORAGE_ERROR',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
    'OFFSET_NOT_AVAILABLE',
    'UNKNOWN_TOPIC_ID',
    'INCONSISTENT_TOPIC_ID',
    'UNKNOWN_SERVER_ERROR',
  ],
  metadata: ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'UNKNOWN_TOPIC_ID'],
  coordinator: ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR'],
} as const
