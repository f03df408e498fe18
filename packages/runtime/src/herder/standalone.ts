import { ConnectError, type Props } from '@isthmus/sdk'
import { CONNECTOR_STOP_MS } from '../instances/instance.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import { atMost } from '../waiting.ts'
import { checkConfig, namedConfig, patchedConfig } from './config-check.ts'
import type { WorkerCore } from './core.ts'
import type { Herder } from './herder.ts'
import type { HerderParts } from './herder-parts.ts'
import { limited } from './limited.ts'
import { offsetRequests } from './offset-requests.ts'
import { reads } from './reads.ts'
import { restartPlan } from './reconcile/restarts.ts'
import { openSerial } from './serial.ts'
import { configuredOf, connectorInfo, connectorState, restartingState } from './views.ts'

/** The herder of a standalone worker: every write is its own, every instance runs here. */
export function openStandaloneHerder(core: WorkerCore, parts: HerderParts): Herder {
  const { configs, statuses } = core.stores
  const { reconciler, checks } = parts
  const { snapshot } = configs
  const plugins = () => core.facts().plugins
  // one change of a connector at a time; what follows from it is waited for out of turn, since it may take for ever
  const serially = openSerial()
  const offsets = offsetRequests(core, parts)
  const settle = (name: string) => {
    reconciler.kick()
    return reconciler.settled(name)
  }
  const rejectFailed = (name: string) => {
    const failure = reconciler.failure(connectorKey(name))
    if (failure !== null) throw new ConnectError('connect', failure)
  }
  const requireKnown = (name: string, unknown = 'Unknown connector') => {
    const configured = snapshot().connectors.get(name)
    if (configured === undefined) throw new ConnectError('not-found', `${unknown} ${name}`)
    return configured
  }

  /** `given` is looked at when its turn has come: what it is made of may change before. */
  const change = async (
    name: string,
    given: () => Props,
    { initialState, replace = true }: Parameters<Herder['put']>[2] = {},
  ) => {
    const created = await serially(name, async () => {
      const config = namedConfig(name, given())
      const created = !snapshot().connectors.has(name)
      const startsHere = created && (initialState ?? 'STARTED') === 'STARTED' ? name : null
      await checkConfig(core, checks, config, startsHere)
      if (!created && !replace) throw new ConnectError('exists', `Connector ${name} already exists`)
      await configs.append({
        type: 'connector',
        name,
        config,
        ...(created && initialState !== undefined && { target: initialState }),
      })
      return created
    })
    await settle(name)
    rejectFailed(name)
    return { created, info: connectorInfo(snapshot(), name, plugins()) }
  }

  const target = async (name: string, state: 'STARTED' | 'PAUSED') => {
    await serially(name, async () => {
      requireKnown(name)
      await configs.append({ type: 'target', name, state })
    })
    // Java does not wait at all: a start that hangs is not the fault of this request
    await atMost(settle(name), CONNECTOR_STOP_MS)
  }

  const herder: Herder = {
    ...reads(core, checks),
    put: (name, given, options) => change(name, () => given, options),
    patch: async (name, changes) =>
      (await change(name, () => patchedConfig(configuredOf(snapshot(), name).config, changes))).info,
    async delete(name) {
      await serially(name, async () => {
        configuredOf(snapshot(), name)
        await configs.append({ type: 'connector', name, config: null })
      })
      await settle(name)
    },
    pause: (name) => target(name, 'PAUSED'),
    resume: (name) => target(name, 'STARTED'),
    async stop(name) {
      await serially(name, async () => {
        requireKnown(name)
        await configs.append({ type: 'target', name, state: 'STOPPED' })
        await configs.append({ type: 'tasks', name, configs: [] })
      })
      await settle(name)
    },
    async restart(name) {
      requireKnown(name, 'Unknown connector:')
      reconciler.restart(connectorKey(name), 'UNASSIGNED')
      await settle(name)
      if (reconciler.failure(connectorKey(name)) !== null)
        throw new ConnectError('connect', `Failed to start connector: ${name}`)
    },
    async restartWith(name, options) {
      requireKnown(name, 'Unknown connector:')
      const affected = restartPlan(statuses, { connector: name, ...options })
      if (affected === null) throw new ConnectError('not-found', `Status for connector ${name} not found`)
      for (const key of affected) reconciler.restart(key, 'RESTARTING')
      return restartingState(connectorState(snapshot(), statuses, name, plugins()), new Set(affected))
    },
    async restartTask(name, task) {
      const configured = requireKnown(name, 'Unknown connector:')
      if (configured.tasks[task] === undefined)
        throw new ConnectError('not-found', `Unknown task: ${name}-${task}`)
      reconciler.restart(taskKey(name, task), 'UNASSIGNED')
      await settle(name)
    },
    offsets: offsets.offsets,
    alterOffsets: (name, changes) => serially(name, () => offsets.alterOffsets(name, changes)),
    resetOffsets: (name) => serially(name, () => offsets.resetOffsets(name)),
    async putTasks() {
      throw new ConnectError(
        'forbidden',
        'Kafka Connect in standalone mode does not support externally setting task configurations.',
      )
    },
    async fence() {
      throw new ConnectError(
        'forbidden',
        'Kafka Connect in standalone mode does not support exactly-once source connectors.',
      )
    },
    async shareLogLevel() {},
    async catchUp() {},
    // no connector's code runs in this thread, and no connector waits for another
    responsive: async (signal) => signal.throwIfAborted(),
    activity: () => null,
  }
  return limited(herder, reconciler.activity)
}
