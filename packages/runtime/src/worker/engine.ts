import { hostname } from 'node:os'
import { openAdmin, openCluster, openConsumerGroup, openFetcher, openProducer } from '@isthmus/kafka'
import type { ConfigDef, Props } from '@isthmus/sdk'
import { type Checks, openChecks } from '../checks/checks.ts'
import { logConfig } from '../config/config-log.ts'
import { oldPropertyWarnings } from '../config/old-properties.ts'
import { type WorkerConfig, workerId } from '../config/worker.ts'
import type { WorkerCore } from '../herder/core.ts'
import type { GroupOffsets } from '../herder/offsets.ts'
import type { Isolation, OpenHost } from '../host/host.ts'
import { openHostOf } from '../host/hosts.ts'
import type { WorkerFacts } from '../host/messages.ts'
import { type Instances, openInstances } from '../instances/instances.ts'
import type { LogFilter } from '../log/levels.ts'
import { type Log, loggerOf, silent } from '../log/log.ts'
import type { KafkaClients } from '../task/kafka.ts'
import { describeCluster } from './first-contact.ts'
import { groupOffsets } from './group-offsets.ts'
import type { LivePlugins } from './live-plugins.ts'
import { openPluginWatch } from './plugin-watch.ts'
import { type PluginSources, requireConverters, scanPlugins } from './plugins.ts'
import { openWorkerPlugins } from './rescan.ts'

/** What every worker is opened with, on its own or in a group. */
export interface WorkerOptions extends PluginSources {
  /** The worker's properties, as in its file. */
  readonly props: Props
  readonly log?: Log
  /** Which lines `log` writes: the others do not leave the threads of connectors. All do when absent. */
  readonly levels?: LogFilter
  /** Threads and processes when absent; tests run instances inline. */
  readonly openHost?: OpenHost
  readonly kafka?: KafkaClients
  /** Ends the scan for plugins, the wait for brokers that do not answer yet, and the waits of requests for the group. */
  readonly signal?: AbortSignal
  /** host:port of the address that this worker advertises; what its properties say when absent. */
  readonly workerId?: string
}

export const KAFKA: KafkaClients = { openCluster, openProducer, openFetcher, openAdmin, openConsumerGroup }

/** What the two kinds of workers differ in, as far as both begin alike. */
export interface WorkerKind<C extends WorkerConfig> {
  readonly config: C
  /** Java's class of the configuration, and its properties. */
  readonly title: 'StandaloneConfig' | 'DistributedConfig'
  readonly def: ConfigDef
  /** Of properties whose defaults are old ones. */
  readonly oldDefaults?: Props
  /** Java's name of the logger. */
  readonly logger: string
  readonly groupId?: string
}

/** What a worker is opened with, made whole. */
export interface Surroundings<C extends WorkerConfig> {
  readonly config: C
  readonly workerId: string
  readonly facts: () => WorkerFacts
  readonly plugins: LivePlugins
  readonly kafka: KafkaClients
  readonly log: Log
}

/**
 * What a worker finds before it opens anything: its plugins, and its brokers. Rejects when the brokers cannot be reached or a converter of
 * its own is not there.
 */
export async function discover<C extends WorkerConfig>(
  options: WorkerOptions,
  { config, title, def, oldDefaults, logger: name, groupId }: WorkerKind<C>,
): Promise<Surroundings<C>> {
  const { props, log = silent, kafka = KAFKA } = options
  const logger = loggerOf(log, name)
  for (const warning of oldPropertyWarnings(props, oldDefaults)) logger.warn(warning)
  const [scan, clusterId] = await Promise.all([
    scanPlugins(config, options),
    describeCluster(kafka, props, (client) => loggerOf(log, client), name, options.signal),
  ])
  logConfig(title, def, props, log)
  for (const warning of scan.warnings) logger.warn(warning)
  requireConverters(config, scan.plugins)
  let facts: WorkerFacts = {
    props,
    clusterId,
    plugins: scan.plugins,
    ...(groupId !== undefined && { groupId }),
  }
  const plugins = openWorkerPlugins(config, options, scan, logger)
  return {
    config,
    workerId: options.workerId ?? workerId(config, hostname()),
    facts() {
      const all = plugins.all()
      if (all !== facts.plugins) facts = { ...facts, plugins: all }
      return facts
    },
    plugins,
    kafka,
    log,
  }
}

/** What runs connectors and tasks, and what of a worker its parts go by. */
export interface Engine<C extends WorkerConfig> {
  readonly core: WorkerCore<C>
  readonly instances: Instances
  readonly checks: Checks
  /** Offsets of the consumer group of a sink connector. */
  readonly groupOffsets: (connector: string, config: Props) => GroupOffsets
}

/** Opens onto `stack`, over stores that are open. `logger` is of the worker's herder. */
export function openEngine<C extends WorkerConfig>(
  stack: AsyncDisposableStack,
  { openHost = openHostOf, levels, signal }: WorkerOptions,
  { config, workerId: id, facts, plugins, kafka, log }: Surroundings<C>,
  stores: WorkerCore['stores'],
  logger: string,
): Engine<C> {
  const { configs, offsets } = stores
  const limits = threadLimits(config)
  stack.use(plugins)
  if (config['plugin.path.watch.enable'])
    stack.use(openPluginWatch(config['plugin.path'] ?? [], plugins.rescan, loggerOf(log, logger)))
  const instances = stack.use(openInstances({ openHost, facts, kafka, offsets, limits, log, levels }))
  const core: WorkerCore<C> = {
    config,
    workerId: id,
    facts,
    rescanPlugins: plugins.rescan,
    stores,
    log: loggerOf(log, logger),
    now: Date.now,
    closing: signal ?? new AbortController().signal,
  }
  return {
    core,
    instances,
    checks: stack.use(openChecks(instances, facts, (name) => configs.snapshot().connectors.has(name))),
    groupOffsets: (name, config) => groupOffsets(kafka, facts().props, name, config, log),
  }
}

/** As the worker's properties say; a connector may set others. */
const threadLimits = (config: WorkerConfig) => ({
  threads: config['task.threads'],
  threadsMax: config['task.threads.max'],
  isolation: config['task.isolation'] as Isolation,
  memoryMaxMb: config['task.memory.max.mb'],
})
