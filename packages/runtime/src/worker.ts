import { hostname } from 'node:os'
import {
  type Admin,
  openAdmin,
  openCluster,
  openConsumerGroup,
  openFetcher,
  openProducer,
} from '@isthmus/kafka'
import { ConnectError, type Props } from '@isthmus/sdk'
import { consumerProps, workerClientProps } from './config/clients.ts'
import { parseStandalone, type WorkerConfig, workerId } from './config/worker.ts'
import { describeCluster } from './first-contact.ts'
import type { Herder } from './herder/herder.ts'
import type { GroupOffsets } from './herder/offsets.ts'
import { everything } from './herder/plan.ts'
import { openReconciler } from './herder/reconcile.ts'
import { openStandaloneHerder } from './herder/standalone.ts'
import { type Log, loggerOf, silent } from './log.ts'
import type { PluginDescriptor, Scan } from './plugins/descriptor.ts'
import { findPlugin } from './plugins/registry.ts'
import { scanInThread } from './plugins/scan-thread.ts'
import { openFileOffsets } from './store/file.ts'
import { openMemoryConfigs, openMemoryStatuses } from './store/memory.ts'
import { openChecks } from './task/checks.ts'
import type { OpenHost } from './task/host.ts'
import { openThreadHost } from './task/host-thread.ts'
import { openInstances } from './task/instances.ts'
import type { KafkaClients } from './task/kafka.ts'
import type { WorkerFacts } from './task/messages.ts'

export interface StandaloneOptions {
  /** The worker's properties, as in its file. */
  readonly props: Props
  readonly log?: Log
  /** Entry modules of packages whose plugins come with the worker; those of Isthmus when absent. */
  readonly packages?: readonly string[]
  /** Threads when absent; tests run instances inline. */
  readonly openHost?: OpenHost
  /** For tests: instead of a scan. */
  readonly scan?: Scan
  readonly kafka?: KafkaClients
  /** Ends the wait for brokers that do not answer yet; has no effect on a worker that is open. */
  readonly signal?: AbortSignal
  /** host:port of the address that this worker advertises; what its properties say when absent. */
  readonly workerId?: string
}

export interface Standalone extends AsyncDisposable {
  readonly herder: Herder
  readonly workerId: string
  readonly clusterId: string | null
}

const PACKAGES = ['@isthmus/builtin', '@isthmus/formats']
const KAFKA: KafkaClients = { openCluster, openProducer, openFetcher, openAdmin, openConsumerGroup }
const LOGGER = 'org.apache.kafka.connect.runtime.Worker'

/**
 * A worker on its own: connectors are given to its herder, offsets are kept in a file. Rejects when the properties are wrong, the
 * brokers cannot be reached or the offsets file cannot be read. Disposal stops all connectors and tasks first.
 */
export async function openStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { props, log = silent, kafka = KAFKA, openHost = openThreadHost } = options
  const logger = loggerOf(log, LOGGER)
  const config = parseStandalone(props)
  await using stack = new AsyncDisposableStack()
  const offsetsPath = config['offset.storage.file.filename']
  // nothing of this waits for the other: a worker is up in the time of the slowest
  const [offsets, scan, clusterId] = await Promise.all([
    openFileOffsets(offsetsPath),
    options.scan ?? scanInThread(scanRequest(config, options.packages)),
    describeCluster(kafka, props, logger, options.signal),
  ])
  stack.use(offsets)
  for (const warning of scan.warnings) logger.warn(warning)
  requireConverters(config, scan.plugins)
  const configs = stack.use(openMemoryConfigs())
  const statuses = stack.use(openMemoryStatuses())
  const instances = stack.use(
    openInstances({
      openHost,
      kafka,
      offsets,
      limits: { threads: config['task.threads'], memoryMaxMb: config['task.memory.max.mb'] },
      log,
    }),
  )
  const facts: WorkerFacts = { props, clusterId, plugins: scan.plugins }
  const id = options.workerId ?? workerId(config, hostname())
  const reconciler = stack.use(
    openReconciler({
      configs,
      statuses,
      instances,
      share: () => everything,
      publish: (name, tasks) => configs.append({ type: 'tasks', name, configs: tasks }),
      facts: () => facts,
      workerId: id,
      generation: () => 0,
      topicTracking: config['topic.tracking.enable'],
      taskStopMs: config['task.shutdown.graceful.timeout.ms'],
      log: loggerOf(log, 'org.apache.kafka.connect.runtime.standalone.StandaloneHerder'),
    }),
  )
  const herder = openStandaloneHerder({
    configs,
    statuses,
    offsets,
    reconciler,
    plugins: () => scan.plugins,
    checks: stack.use(openChecks(instances, facts, (name) => configs.snapshot().connectors.has(name))),
    topicTracking: {
      enabled: config['topic.tracking.enable'],
      resettable: config['topic.tracking.allow.reset'],
    },
    groupOffsets: (name, connectorConfig) => groupOffsets(kafka, props, name, connectorConfig),
  })
  logger.info(`Worker ${id} started; offsets are kept in ${offsetsPath}`)
  const owned = stack.move()
  return { herder, workerId: id, clusterId, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function scanRequest(config: WorkerConfig, packages: readonly string[] | undefined) {
  return {
    packages: packages ?? builtinPackages(),
    paths: (config['plugin.path'] ?? []).filter((path) => path !== ''),
  }
}

function builtinPackages(): readonly string[] {
  return PACKAGES.flatMap((name) => {
    try {
      return [import.meta.resolve(name)]
    } catch {
      return []
    }
  })
}

/** As in Java, a worker does not start with converters that it cannot find: every connector might need them. */
function requireConverters(config: WorkerConfig, plugins: readonly PluginDescriptor[]): void {
  for (const property of ['key.converter', 'value.converter', 'header.converter'] as const) {
    const types =
      property === 'header.converter'
        ? (['header_converter', 'converter'] as const)
        : (['converter'] as const)
    if (findPlugin(plugins, types, config[property]) === undefined)
      throw new ConnectError(
        'config',
        `Invalid value ${config[property]} for configuration ${property}: Class ${config[property]} could not be found.`,
      )
  }
}

function groupOffsets(kafka: KafkaClients, worker: Props, name: string, connector: Props): GroupOffsets {
  const { 'group.id': group = `connect-${name}` } = consumerProps(
    { worker, connector },
    { connector: name, task: 0 },
  )
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    await using cluster = kafka.openCluster(workerClientProps(worker, 'connect-shared-admin'))
    return await work(kafka.openAdmin(cluster))
  }
  return {
    read: () => withAdmin((admin) => admin.groupOffsets(group)),
    alter: (offsets) =>
      withAdmin(async (admin) => {
        const set = offsets.flatMap(({ topic, partition, offset }) =>
          offset === null ? [] : [{ topic, partition, offset }],
        )
        const forgotten = offsets.filter(({ offset }) => offset === null)
        if (set.length > 0) await admin.alterGroupOffsets(group, set)
        if (forgotten.length > 0) await admin.deleteGroupOffsets(group, forgotten)
      }),
    delete: () =>
      withAdmin(async (admin) => {
        try {
          await admin.deleteGroup(group)
        } catch (error) {
          if ((error as { kafka?: unknown }).kafka !== 'GROUP_ID_NOT_FOUND') throw error
        }
      }),
  }
}
