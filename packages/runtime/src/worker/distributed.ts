import { openMembership } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import { workerClientProps } from '../config/clients.ts'
import { type DistributedConfig, distributedDef, parseDistributed } from '../config/distributed.ts'
import { OLD_DEFAULTS } from '../config/old-properties.ts'
import { restDef } from '../config/rest.ts'
import type { SendToWorker } from '../herder/distributed/publisher.ts'
import type { Herder } from '../herder/herder.ts'
import { nothingToClaim } from '../herder/reconcile/prepare.ts'
import { loggerOf } from '../log/log.ts'
import { groupStalls } from '../log/stalls.ts'
import { clientLogs } from '../task/kafka.ts'
import { discover, openEngine, type WorkerOptions } from './engine.ts'
import { openKafkaStores } from './group-stores.ts'
import { openGroupWorker } from './group-worker.ts'

export interface DistributedOptions extends WorkerOptions {
  /** Where the REST API is reached by other workers, with a slash at its end. */
  readonly url: string
  readonly send: SendToWorker
  /** A user has set a level for the workers of the group (KIP-976). */
  readonly onLogLevel?: (namespace: string, level: string) => void
  /** How long a change waits for the end of a rebalance; tests shorten it. */
  readonly patienceMs?: number
}

export interface Distributed extends AsyncDisposable {
  readonly herder: Herder
  readonly workerId: string
  readonly clusterId: string | null
  /** Rejects when the worker cannot be a member of its group at all; settles in no other way. */
  readonly failed: Promise<never>
}

const LOGGER = 'org.apache.kafka.connect.runtime.distributed.DistributedHerder'

/**
 * A worker of a group, which shares connectors and tasks with the others and keeps everything in three topics. Resolves when these have
 * been read; joining goes on meanwhile. Disposal stops what runs here, leaves the group and closes the topics, in this order.
 */
export async function openDistributed(options: DistributedOptions): Promise<Distributed> {
  const { props, url } = options
  const config = parseDistributed(props)
  const groupId = config['group.id']
  const surroundings = await discover(options, {
    config,
    title: 'DistributedConfig',
    def: { ...distributedDef, ...restDef },
    oldDefaults: OLD_DEFAULTS,
    logger: LOGGER,
    groupId,
  })
  const { workerId, facts, kafka, log } = surroundings
  await using stack = new AsyncDisposableStack()
  const stores = stack.use(
    await openKafkaStores(props, config, {
      log,
      onLogLevel: options.onLogLevel ?? (() => {}),
      signal: options.signal,
    }),
  )
  const { core, ...engine } = openEngine(stack, options, surroundings, stores, LOGGER)
  const member = memberProps(props, config, workerId)
  const cluster = stack.use(
    kafka.openCluster(
      member,
      clientLogs((name) => loggerOf(log, name)),
    ),
  )
  const worker = stack.use(
    openGroupWorker(core, {
      url,
      ...engine,
      openMembership: (membership) =>
        openMembership(cluster, member, { ...membership, stalled: groupStalls(core.log, groupId) }),
      send: options.send,
      prepare: nothingToClaim,
      patienceMs: options.patienceMs,
    }),
  )
  core.log.info(`Worker ${workerId} joins group ${groupId}`)
  const owned = stack.move()
  return {
    herder: worker.herder,
    workerId,
    clusterId: facts().clusterId,
    failed: worker.failed,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A member hears of a rebalance by its next heartbeat, and a round waits for the last of them: so long at the most. */
const LONGEST_HEARTBEAT_MS = 1000

/** Java's worker waits longer for an answer than its clients do, and its sessions are shorter than those of consumers. */
function memberProps(props: Props, config: DistributedConfig, id: string): Props {
  return {
    'request.timeout.ms': '40000',
    'session.timeout.ms': '10000',
    'rebalance.timeout.ms': '60000',
    ...workerClientProps(props, config['client.id'] === '' ? `connect-${id}` : config['client.id']),
    'heartbeat.interval.ms': String(Math.min(config['heartbeat.interval.ms'], LONGEST_HEARTBEAT_MS)),
  }
}
