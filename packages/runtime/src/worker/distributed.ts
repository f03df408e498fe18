import { hostname } from 'node:os'
import { openMembership } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import { openChecks } from '../checks/checks.ts'
import { workerClientProps } from '../config/clients.ts'
import { logConfig } from '../config/config-log.ts'
import { type DistributedConfig, distributedDef, parseDistributed } from '../config/distributed.ts'
import { OLD_DEFAULTS, oldPropertyWarnings } from '../config/old-properties.ts'
import { restDef } from '../config/rest.ts'
import { workerId } from '../config/worker.ts'
import type { GroupCore } from '../herder/core.ts'
import type { SendToWorker } from '../herder/distributed/publisher.ts'
import type { Herder } from '../herder/herder.ts'
import { nothingToClaim } from '../herder/reconcile/prepare.ts'
import { openHostOf } from '../host/hosts.ts'
import type { WorkerFacts } from '../host/messages.ts'
import { openInstances } from '../instances/instances.ts'
import { loggerOf, silent } from '../log/log.ts'
import { groupStalls } from '../log/stalls.ts'
import { clientLogs } from '../task/kafka.ts'
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
  const { props, url, log = silent, kafka = KAFKA, openHost = openHostOf } = options
  const logger = loggerOf(log, LOGGER)
  const config = parseDistributed(props)
  for (const warning of oldPropertyWarnings(props, OLD_DEFAULTS)) logger.warn(warning)
  const id = options.workerId ?? workerId(config, hostname())
  await using stack = new AsyncDisposableStack()
  const [scan, clusterId] = await Promise.all([
    scanPlugins(config, options),
    describeCluster(kafka, props, (name) => loggerOf(log, name), LOGGER, options.signal),
  ])
  logConfig('DistributedConfig', { ...distributedDef, ...restDef }, props, log)
  for (const warning of scan.warnings) logger.warn(warning)
  requireConverters(config, scan.plugins)

  const stores = stack.use(
    await openKafkaStores(props, config, {
      log,
      onLogLevel: options.onLogLevel ?? (() => {}),
      signal: options.signal,
    }),
  )
  const { configs, offsets } = stores
  const instances = stack.use(
    openInstances({
      openHost,
      kafka,
      offsets,
      limits: threadLimits(config),
      log,
      levels: options.levels,
    }),
  )
  const facts: WorkerFacts = { props, clusterId, groupId: config['group.id'], plugins: scan.plugins }
  const core: GroupCore = {
    config,
    workerId: id,
    facts: () => facts,
    stores,
    log: logger,
    now: Date.now,
    closing: options.signal ?? new AbortController().signal,
  }
  const cluster = stack.use(
    kafka.openCluster(
      memberProps(props, config, id),
      clientLogs((name) => loggerOf(log, name)),
    ),
  )
  const worker = stack.use(
    openGroupWorker(core, {
      url,
      instances,
      checks: stack.use(openChecks(instances, facts, (name) => configs.snapshot().connectors.has(name))),
      openMembership: (membership) =>
        openMembership(cluster, memberProps(props, config, id), {
          ...membership,
          stalled: groupStalls(logger, config['group.id']),
        }),
      send: options.send,
      prepare: nothingToClaim,
      groupOffsets: (name, connectorConfig) => groupOffsets(kafka, props, name, connectorConfig, log),
      patienceMs: options.patienceMs,
    }),
  )
  logger.info(`Worker ${id} joins group ${config['group.id']}`)
  const owned = stack.move()
  return {
    herder: worker.herder,
    workerId: id,
    clusterId,
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
