import {
  type Admin,
  openAdmin,
  openCluster,
  openConsumerGroup,
  openFetcher,
  openProducer,
} from '@isthmus/kafka'
import { ConnectError, type Props } from '@isthmus/sdk'
import { groupOf, workerClientProps } from '../config/clients.ts'
import type { WorkerConfig } from '../config/worker.ts'
import type { GroupOffsets } from '../herder/offsets.ts'
import type { Isolation, OpenHost } from '../host/host.ts'
import type { LogFilter } from '../log/levels.ts'
import { contextOf, type Log, loggerOf } from '../log/log.ts'
import type { PluginDescriptor, Scan } from '../plugins/descriptor.ts'
import { withoutExcluded } from '../plugins/exclude.ts'
import { findPlugin } from '../plugins/registry.ts'
import { scanInThread } from '../plugins/scan-thread.ts'
import { clientLogs, type KafkaClients } from '../task/kafka.ts'

/** What every worker is opened with, on its own or in a group. */
export interface WorkerOptions {
  /** The worker's properties, as in its file. */
  readonly props: Props
  readonly log?: Log
  /** Which lines `log` writes: the others do not leave the threads of connectors. All do when absent. */
  readonly levels?: LogFilter
  /** Entry modules of packages whose plugins come with the worker; those of Isthmus when absent. */
  readonly packages?: readonly string[]
  /** Threads and processes when absent; tests run instances inline. */
  readonly openHost?: OpenHost
  /** For tests: instead of a scan. */
  readonly scan?: Scan
  readonly kafka?: KafkaClients
  /** Ends the scan for plugins, the wait for brokers that do not answer yet, and the waits of requests for the group. */
  readonly signal?: AbortSignal
  /** host:port of the address that this worker advertises; what its properties say when absent. */
  readonly workerId?: string
}

const PACKAGES = ['@isthmus/builtin', '@isthmus/formats']
export const KAFKA: KafkaClients = { openCluster, openProducer, openFetcher, openAdmin, openConsumerGroup }

/** The plugins of the worker's own packages and of `plugin.path`, without those that it is not to have. */
export async function scanPlugins(
  config: WorkerConfig,
  { packages = builtinPackages(), scan, signal }: Pick<WorkerOptions, 'packages' | 'scan' | 'signal'>,
): Promise<Scan> {
  const named = (paths: readonly string[] | null) => (paths ?? []).filter((path) => path !== '')
  const found = scan ?? (await scanInThread({ packages, paths: named(config['plugin.path']) }, { signal }))
  return withoutExcluded(found, named(config['plugin.exclude']))
}

/** Entry modules of the packages whose plugins come with every worker. */
export function builtinPackages(): readonly string[] {
  return PACKAGES.flatMap((name) => {
    try {
      return [import.meta.resolve(name)]
    } catch {
      return []
    }
  })
}

/** As the worker's properties say; a connector may set others. */
export const threadLimits = (config: WorkerConfig) => ({
  threads: config['task.threads'],
  threadsMax: config['task.threads.max'],
  isolation: config['task.isolation'] as Isolation,
  memoryMaxMb: config['task.memory.max.mb'],
})

/** As in Java, a worker does not start with converters that it cannot find: every connector might need them. */
export function requireConverters(config: WorkerConfig, plugins: readonly PluginDescriptor[]): void {
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

/** Offsets of the consumer group of a sink connector. */
export function groupOffsets(
  kafka: KafkaClients,
  worker: Props,
  name: string,
  connector: Props,
  log: Log,
): GroupOffsets {
  const logs = clientLogs((logger) => loggerOf(log, logger, contextOf({ connector: name })))
  const group = groupOf({ worker, connector }, name)
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    await using cluster = kafka.openCluster(workerClientProps(worker, 'connect-shared-admin'), logs)
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
