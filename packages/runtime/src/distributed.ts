import { hostname } from 'node:os'
import { openMembership } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import { workerClientProps } from './config/clients.ts'
import { type DistributedConfig, parseDistributed, protocolIn } from './config/distributed.ts'
import { workerId } from './config/worker.ts'
import {
  groupOffsets,
  KAFKA,
  requireConverters,
  scanPlugins,
  threadLimits,
  type WorkerOptions,
} from './engine.ts'
import { describeCluster } from './first-contact.ts'
import { openKafkaStores } from './group-stores.ts'
import { openDistributedHerder } from './herder/distributed.ts'
import { openGroupLoop } from './herder/group-loop.ts'
import type { Herder } from './herder/herder.ts'
import { openLeader } from './herder/leader.ts'
import { leads } from './herder/placement.ts'
import { openPublisher, type SendToWorker } from './herder/publisher.ts'
import { openReconciler } from './herder/reconcile.ts'
import { openTurnsOf } from './herder/turns.ts'
import { loggerOf, silent } from './log.ts'
import { openChecks } from './task/checks.ts'
import { openThreadHost } from './task/host-thread.ts'
import { openInstances } from './task/instances.ts'
import type { WorkerFacts } from './task/messages.ts'

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
  const { props, url, log = silent, kafka = KAFKA, openHost = openThreadHost } = options
  const logger = loggerOf(log, LOGGER)
  const config = parseDistributed(props)
  const id = options.workerId ?? workerId(config, hostname())
  await using stack = new AsyncDisposableStack()
  const [scan, clusterId] = await Promise.all([
    options.scan ?? scanPlugins(config, options.packages),
    describeCluster(kafka, props, logger, options.signal),
  ])
  for (const warning of scan.warnings) logger.warn(warning)
  requireConverters(config, scan.plugins)

  const stores = stack.use(
    await openKafkaStores(props, config, {
      log,
      onLogLevel: options.onLogLevel ?? (() => {}),
      signal: options.signal,
    }),
  )
  const { configs, statuses, offsets } = stores
  const instances = stack.use(
    openInstances({
      openHost,
      kafka,
      offsets,
      limits: threadLimits(config),
      log,
    }),
  )
  const facts: WorkerFacts = { props, clusterId, groupId: config['group.id'], plugins: scan.plugins }
  const maxDelayMs = config['scheduled.rebalance.max.delay.ms']
  const syncTimeoutMs = config['worker.sync.timeout.ms']
  const leader = openLeader({
    configs,
    statuses,
    maxDelayMs,
    syncTimeoutMs,
    keys: {
      algorithm: config['inter.worker.key.generation.algorithm'],
      sizeBits: config['inter.worker.key.size'],
      ttlMs: config['inter.worker.key.ttl.ms'],
    },
    log: logger,
  })
  const cluster = stack.use(kafka.openCluster(memberProps(props, config, id)))
  const group = openGroupLoop({
    groupId: config['group.id'],
    url,
    protocol: protocolIn(config),
    openMembership: (membership) => openMembership(cluster, memberProps(props, config, id), membership),
    configs,
    statuses,
    leader,
    maxDelayMs,
    syncTimeoutMs,
    rebalanceTimeoutMs: config['rebalance.timeout.ms'],
    log: logger,
  })
  // after what runs here has stopped: nobody else is to be given it before
  stack.use(group)
  const inTurn = openTurnsOf()
  const isLeader = () => {
    const placement = group.placement()
    return placement !== null && leads(placement)
  }
  const publisher = stack.use(
    openPublisher({
      leads: isLeader,
      leaderUrl: () => group.placement()?.assignment.leaderUrl ?? '',
      store: (name, tasks) => inTurn(name, () => configs.append({ type: 'tasks', name, configs: tasks })),
      send: options.send,
      sessionKey: () => (group.placement()?.protocol === 'sessioned' ? configs.snapshot().sessionKey : null),
      algorithm: config['inter.worker.signature.algorithm'],
      wanted(name) {
        const entry = configs.snapshot().connectors.get(name)
        return entry?.target === 'STARTED' && group.share().connector(name)
      },
      log: logger,
    }),
  )
  const reconciler = stack.use(
    openReconciler({
      configs,
      statuses,
      instances,
      share: group.share,
      publish: async (name, tasks) => publisher.publish(name, tasks),
      reload: (connector) => {
        const request = { connector, includeTasks: true, onlyFailed: false }
        configs.append({ type: 'restart', request }).catch((error: unknown) => {
          logger.error(`Failed to have connector ${connector} restarted`, error)
        })
      },
      facts: () => facts,
      workerId: id,
      generation: group.generation,
      topicTracking: config['topic.tracking.enable'],
      taskStopMs: config['task.shutdown.graceful.timeout.ms'],
      log: logger,
    }),
  )
  stack.defer(group.halt)
  const herder = openDistributedHerder({
    configs,
    statuses,
    offsets,
    reconciler,
    group,
    leader,
    inTurn,
    plugins: () => scan.plugins,
    checks: stack.use(openChecks(instances, facts, (name) => configs.snapshot().connectors.has(name))),
    topicTracking: {
      enabled: config['topic.tracking.enable'],
      resettable: config['topic.tracking.allow.reset'],
    },
    groupOffsets: (name, connectorConfig) => groupOffsets(kafka, props, name, connectorConfig),
    algorithms: config['inter.worker.verification.algorithms'] ?? [],
    ...(options.signal !== undefined && { closing: options.signal }),
    ...(options.patienceMs !== undefined && { patienceMs: options.patienceMs }),
  })
  group.begin(reconciler)
  logger.info(`Worker ${id} joins group ${config['group.id']}`)
  const owned = stack.move()
  return {
    herder,
    workerId: id,
    clusterId,
    failed: group.failed,
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
