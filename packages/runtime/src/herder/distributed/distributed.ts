import type { ConnectorInfo } from '@isthmus/rest-api'
import { ConnectError, type Props } from '@isthmus/sdk'
import { isTaskKey } from '../../group/work.ts'
import { connectorKey, taskKey } from '../../state/ids.ts'
import type { ConfiguredConnector } from '../../state/snapshot.ts'
import { checkConfig, namedConfig, patchedConfig } from '../config-check.ts'
import type { GroupCore } from '../core.ts'
import type { Herder } from '../herder.ts'
import type { HerderParts } from '../herder-parts.ts'
import { limited } from '../limited.ts'
import { offsetRequests } from '../offset-requests.ts'
import { reads } from '../reads.ts'
import { restartPlan } from '../reconcile/restarts.ts'
import type { Serially } from '../serial.ts'
import { configuredOf, connectorInfo, connectorState, restartingState, typeOf } from '../views.ts'
import { forwardTo } from './forward.ts'
import type { GroupLoop } from './group-loop.ts'
import type { Leader } from './leader.ts'
import { leads } from './placement.ts'
import { verifySignature } from './signatures.ts'
import type { Standing } from './standing.ts'
import { tasksKnown } from './tasks-known.ts'

export interface DistributedHerderParts extends HerderParts {
  readonly standing: Standing
  readonly group: GroupLoop
  readonly leader: Leader
  /** What a leader writes about a connector, one after the other. */
  readonly serially: Serially
  /** How long a change waits for the end of a rebalance; tests shorten it. */
  readonly patienceMs: number
}

/** Less than the 90 s after which a request counts as lost, by a margin for what it asks for. */
export const PATIENCE_MS = 60_000
const CATCH_UP_MS = 2000
const STALE =
  'Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)'

/** The herder of a worker in a group: the leader writes, what runs is restarted where it runs, and anyone answers questions. */
export function openDistributedHerder(core: GroupCore, parts: DistributedHerderParts): Herder {
  const { config: worker, closing, log } = core
  const { configs, statuses } = core.stores
  const { reconciler, standing, group, leader, serially, checks, patienceMs } = parts
  const { snapshot } = configs
  const plugins = () => core.facts().plugins
  const offsets = offsetRequests(core, parts)

  const steady = async () => {
    const patience = AbortSignal.timeout(patienceMs)
    await group.steady(AbortSignal.any([patience, closing])).catch(() => {
      if (patience.aborted) throw new ConnectError('rebalance', STALE)
      throw new ConnectError('connect', 'Worker is shutting down')
    })
  }
  const requireLeader = () => {
    const placement = standing.placement()
    if (placement === null || !leads(placement))
      throw forwardTo(placement?.assignment.leaderUrl ?? '', 'Only the leader can do this')
  }
  /** Waits for the end of a rebalance rather than to fail; what is asked of another worker is not held up by its turn here. */
  const asLeader = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await steady()
    requireLeader()
    return await serially(name, async () => {
      requireLeader()
      return await work()
    })
  }
  const requireKnown = (name: string, unknown = 'Unknown connector'): ConfiguredConnector => {
    const configured = snapshot().connectors.get(name)
    if (configured === undefined) throw new ConnectError('not-found', `${unknown} ${name}`)
    return configured
  }
  const info = (name: string, config: Props) => ({ ...connectorInfo(snapshot(), name, plugins()), config })
  const put = async (
    name: string,
    given: Props,
    { initialState, replace = true }: Parameters<Herder['put']>[2] = {},
  ) => {
    const known = tasksKnown(core, name)
    const stored = await asLeader(name, async () => {
      const config = namedConfig(name, given)
      const before = snapshot().connectors.get(name)
      await checkConfig(core, checks, config, null)
      if (before !== undefined && !replace)
        throw new ConnectError('exists', `Connector ${name} already exists`)
      const created = before === undefined
      await configs.append({
        type: 'connector',
        name,
        config,
        ...(created && initialState !== undefined && { target: initialState }),
      })
      return { created, info: info(name, config) }
    })
    // a new one is left to the next rebalance, as in Java: many are made one after the other
    if (stored.created) return stored
    return { created: false, info: await infoWithTasks(known, stored.info) }
  }
  /** Out of turn: whoever runs the connector needs one to say what its tasks are. */
  const infoWithTasks = async (known: () => Promise<void>, stored: ConnectorInfo): Promise<ConnectorInfo> => {
    await known()
    return snapshot().connectors.has(stored.name) ? info(stored.name, stored.config) : stored
  }

  /** Of any worker, and without a rebalance: what a connector is meant to do does not change who runs it. */
  const target = async (name: string, state: 'STARTED' | 'PAUSED') => {
    if (!snapshot().connectors.has(name)) await configs.refresh(patienceMs)
    requireKnown(name)
    log.debug(`Connector ${name} is to be ${state}`)
    await configs.append({ type: 'target', name, state })
  }

  /** Here, or rejects with who runs it; followers leave that to the leader, which knows. */
  const restartHere = async (name: string, key: string, what: string) => {
    if (standing.placement()?.keys.has(key) === true) {
      log.debug(`Restarting ${what}, as was asked for`)
      reconciler.restart(key, 'UNASSIGNED')
      await reconciler.settled(name)
      // a task may fail at any time after its start: that is for its status to say
      if (!isTaskKey(key) && reconciler.failure(key) !== null)
        throw new ConnectError('connect', `Failed to start ${what}`)
      return
    }
    requireLeader()
    throw forwardTo(leader.ownerUrl(key) ?? '', `${what} is not assigned to this worker`)
  }
  const verify = (proof: Parameters<Herder['putTasks']>[2]) => {
    if (standing.placement()?.protocol === 'sessioned')
      verifySignature(proof, snapshot().sessionKey, worker['inter.worker.verification.algorithms'] ?? [])
  }

  const herder: Herder = {
    ...reads(core, checks),
    put,
    async patch(name, changes) {
      const known = tasksKnown(core, name)
      const stored = await asLeader(name, async () => {
        const config = patchedConfig(configuredOf(snapshot(), name).config, changes)
        await checkConfig(core, checks, config, null)
        await configs.append({ type: 'connector', name, config })
        return info(name, config)
      })
      return await infoWithTasks(known, stored)
    },
    delete: (name) =>
      asLeader(name, async () => {
        configuredOf(snapshot(), name)
        await configs.append({ type: 'connector', name, config: null })
      }),
    pause: (name) => target(name, 'PAUSED'),
    resume: (name) => target(name, 'STARTED'),
    stop: (name) =>
      asLeader(name, async () => {
        requireKnown(name)
        await configs.append({ type: 'tasks', name, configs: [] })
        await configs.append({ type: 'target', name, state: 'STOPPED' })
      }),
    async restart(name) {
      await steady()
      requireKnown(name, 'Unknown connector:')
      await restartHere(name, connectorKey(name), `connector: ${name}`)
    },
    async restartTask(name, task) {
      await steady()
      const configured = requireKnown(name, 'Unknown connector:')
      if (configured.tasks[task] === undefined)
        throw new ConnectError('not-found', `Unknown task: ${name}-${task}`)
      await restartHere(name, taskKey(name, task), `task: ${name}-${task}`)
    },
    restartWith: (name, options) =>
      asLeader(name, async () => {
        requireKnown(name, 'Unknown connector:')
        const request = { connector: name, ...options }
        const affected = restartPlan(statuses, request)
        if (affected === null) throw new ConnectError('not-found', `Status for connector ${name} not found`)
        const before = connectorState(snapshot(), statuses, name, plugins())
        log.debug(`Asking for the restart of connector ${name} and its tasks: ${affected.length} instance(s)`)
        await configs.append({ type: 'restart', request })
        return restartingState(before, new Set(affected))
      }),
    offsets: offsets.offsets,
    alterOffsets: (name, changes) => asLeader(name, () => offsets.alterOffsets(name, changes)),
    resetOffsets: (name) => asLeader(name, () => offsets.resetOffsets(name)),
    // not held up by a rebalance: it may be what the end of the next one needs
    async putTasks(name, tasks, proof) {
      verify(proof)
      requireLeader()
      await serially(name, async () => {
        requireLeader()
        const configured = configuredOf(snapshot(), name)
        if (configured.target === 'STOPPED' && tasks.length > 0)
          throw new ConnectError(
            'bad-request',
            `Cannot submit non-empty set of task configs for stopped connector ${name}`,
          )
        log.debug(`A worker has ${tasks.length} task configs stored for connector ${name}`)
        await configs.append({ type: 'tasks', name, configs: tasks })
      })
    },
    async fence(name, proof) {
      verify(proof)
      requireLeader()
      const configured = configuredOf(snapshot(), name)
      if (typeOf(configured, plugins()) !== 'source')
        throw new ConnectError('bad-request', `Connector ${name} is not a source connector`)
      throw new ConnectError(
        'connect',
        'Failed to perform zombie fencing: this leader does not support exactly-once source connectors',
      )
    },
    shareLogLevel: (namespace, level) => configs.append({ type: 'logger', namespace, level }),
    catchUp: () => configs.refresh(CATCH_UP_MS).catch(() => {}),
    responsive: group.steady,
    activity: () => group.activity.summary(),
  }
  return limited(herder, reconciler.activity)
}
