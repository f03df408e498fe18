import { restDef } from '../config/rest.ts'
import { parseStandalone, standaloneDef } from '../config/worker.ts'
import type { Herder } from '../herder/herder.ts'
import { everything } from '../herder/reconcile/desired.ts'
import { nothingToClaim } from '../herder/reconcile/prepare.ts'
import { openReconciler } from '../herder/reconcile/reconcile.ts'
import { openStandaloneHerder } from '../herder/standalone.ts'
import { loggerOf } from '../log/log.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../store/memory.ts'
import { openFileOffsets } from '../store/offsets/file.ts'
import { claimFile } from '../store/offsets/file-claim.ts'
import { discover, openEngine, type WorkerOptions } from './engine.ts'

export type StandaloneOptions = WorkerOptions

export interface Standalone extends AsyncDisposable {
  readonly herder: Herder
  readonly workerId: string
  readonly clusterId: string | null
}

const LOGGER = 'org.apache.kafka.connect.runtime.Worker'
const HERDER = 'org.apache.kafka.connect.runtime.standalone.StandaloneHerder'

/**
 * A standalone worker: connectors are given to its herder, offsets are kept in a file. Rejects when the properties are wrong, the
 * brokers cannot be reached or the offsets file cannot be read. Disposal stops all connectors and tasks first.
 */
export async function openStandalone(options: StandaloneOptions): Promise<Standalone> {
  const config = parseStandalone(options.props)
  await using stack = new AsyncDisposableStack()
  const offsetsPath = config['offset.storage.file.filename']
  stack.use(await claimFile(offsetsPath))
  // nothing of this waits for the other: a standalone worker is up in the time of the slowest
  const [offsets, surroundings] = await Promise.all([
    openFileOffsets(offsetsPath),
    discover(options, {
      config,
      title: 'StandaloneConfig',
      def: { ...standaloneDef, ...restDef },
      logger: LOGGER,
    }),
  ])
  stack.use(offsets)
  const configs = stack.use(openMemoryConfigs())
  const statuses = stack.use(openMemoryStatuses())
  const stores = { configs, statuses, offsets }
  const { core, instances, ...engine } = openEngine(stack, options, surroundings, stores, HERDER)
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
  const herder = openStandaloneHerder(core, { reconciler, ...engine })
  const { workerId, facts, log } = surroundings
  loggerOf(log, LOGGER).info(`Worker ${workerId} started; offsets are kept in ${offsetsPath}`)
  const owned = stack.move()
  return { herder, workerId, clusterId: facts().clusterId, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
