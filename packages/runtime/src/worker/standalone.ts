import { hostname } from 'node:os'
import { openChecks } from '../checks/checks.ts'
import { logConfig } from '../config/config-log.ts'
import { oldPropertyWarnings } from '../config/old-properties.ts'
import { restDef } from '../config/rest.ts'
import { parseStandalone, standaloneDef, workerId } from '../config/worker.ts'
import type { WorkerCore } from '../herder/core.ts'
import type { Herder } from '../herder/herder.ts'
import { everything } from '../herder/reconcile/desired.ts'
import { nothingToClaim } from '../herder/reconcile/prepare.ts'
import { openReconciler } from '../herder/reconcile/reconcile.ts'
import { openStandaloneHerder } from '../herder/standalone.ts'
import { openHostOf } from '../host/hosts.ts'
import type { WorkerFacts } from '../host/messages.ts'
import { openInstances } from '../instances/instances.ts'
import { loggerOf, silent } from '../log/log.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../store/memory.ts'
import { openFileOffsets } from '../store/offsets/file.ts'
import { claimFile } from '../store/offsets/file-claim.ts'
import {
  groupOffsets,
  KAFKA,
  requireConverters,
  scanPlugins,
  threadLimits,
  type WorkerOptions,
} from './engine.ts'
import { describeCluster } from './first-contact.ts'

export type StandaloneOptions = WorkerOptions

export interface Standalone extends AsyncDisposable {
  readonly herder: Herder
  readonly workerId: string
  readonly clusterId: string | null
}

const LOGGER = 'org.apache.kafka.connect.runtime.Worker'

/**
 * A standalone worker: connectors are given to its herder, offsets are kept in a file. Rejects when the properties are wrong, the
 * brokers cannot be reached or the offsets file cannot be read. Disposal stops all connectors and tasks first.
 */
export async function openStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { props, log = silent, kafka = KAFKA, openHost = openHostOf } = options
  const logger = loggerOf(log, LOGGER)
  const config = parseStandalone(props)
  for (const warning of oldPropertyWarnings(props)) logger.warn(warning)
  await using stack = new AsyncDisposableStack()
  const offsetsPath = config['offset.storage.file.filename']
  stack.use(await claimFile(offsetsPath))
  // nothing of this waits for the other: a standalone worker is up in the time of the slowest
  const [offsets, scan, clusterId] = await Promise.all([
    openFileOffsets(offsetsPath),
    scanPlugins(config, options),
    describeCluster(kafka, props, (name) => loggerOf(log, name), LOGGER, options.signal),
  ])
  stack.use(offsets)
  logConfig('StandaloneConfig', { ...standaloneDef, ...restDef }, props, log)
  for (const warning of scan.warnings) logger.warn(warning)
  requireConverters(config, scan.plugins)
  const configs = stack.use(openMemoryConfigs())
  const statuses = stack.use(openMemoryStatuses())
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
  const facts: WorkerFacts = { props, clusterId, plugins: scan.plugins }
  const id = options.workerId ?? workerId(config, hostname())
  const core: WorkerCore = {
    config,
    workerId: id,
    facts: () => facts,
    stores: { configs, statuses, offsets },
    log: loggerOf(log, 'org.apache.kafka.connect.runtime.standalone.StandaloneHerder'),
    now: Date.now,
    closing: options.signal ?? new AbortController().signal,
  }
  const reconciler = stack.use(
    openReconciler(core, {
      instances,
      share: () => everything,
      prepare: nothingToClaim,
      publish: (name, tasks) => configs.append({ type: 'tasks', name, configs: tasks }),
      reload: (connector) => {
        reconciler.restart(connectorKey(connector), 'UNASSIGNED')
        for (const task of configs.snapshot().connectors.get(connector)?.tasks.keys() ?? [])
          reconciler.restart(taskKey(connector, task), 'UNASSIGNED')
      },
      generation: () => 0,
    }),
  )
  const herder = openStandaloneHerder(core, {
    reconciler,
    checks: stack.use(openChecks(instances, facts, (name) => configs.snapshot().connectors.has(name))),
    groupOffsets: (name, connectorConfig) => groupOffsets(kafka, props, name, connectorConfig, log),
  })
  logger.info(`Worker ${id} started; offsets are kept in ${offsetsPath}`)
  const owned = stack.move()
  return { herder, workerId: id, clusterId, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
