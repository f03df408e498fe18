import { ConnectError, type Props } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import type { ConfigStore, OffsetStore, StatusStore } from '../store/stores.ts'
import type { ConnectorOffsets, Herder, OffsetMap } from './herder.ts'
import { sameProps } from './plan.ts'
import type { Reconciler } from './reconcile.ts'
import { connectorInfo, connectorState, entryOf, taskInfos, taskState, typeOf } from './views.ts'

export interface StandaloneParts {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: OffsetStore
  readonly reconciler: Reconciler
  readonly plugins: () => readonly PluginDescriptor[]
  /** What is wrong with a config, one message each; empty when it may be used. */
  readonly validate: (name: string, config: Props) => Promise<readonly string[]>
  readonly topicTracking: { readonly enabled: boolean; readonly resettable: boolean }
  /** The offsets that the consumer group of a sink has committed. */
  readonly groupOffsets: (connector: string, config: Props) => Promise<ConnectorOffsets>
}

/** The herder of a worker on its own: every write is its own, every instance runs here. */
export function openStandaloneHerder(parts: StandaloneParts): Herder {
  const { configs, statuses, offsets, reconciler, plugins } = parts
  // one change at a time, as Java's lock
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work)
    turn = mine.catch(() => {})
    return mine
  }
  const settle = async () => {
    reconciler.kick()
    await reconciler.settled()
  }
  const rejectFailed = (name: string) => {
    const failure = reconciler.failure(connectorKey(name))
    if (failure !== null) throw new ConnectError('connect', failure)
  }

  const put: Herder['put'] = (name, given, { initialState, replace = true } = {}) =>
    inTurn(async () => {
      const config = given['name'] === undefined ? { ...given, name } : given
      if (config['name'] !== name)
        throw new ConnectError(
          'bad-request',
          `Connector name configuration (${config['name']}) doesn't match connector name in the URL (${name})`,
        )
      await checkConfig(parts, name, config)
      const created = !configs.snapshot().connectors.has(name)
      if (!created && !replace) throw new ConnectError('exists', `Connector ${name} already exists`)
      await configs.append({
        type: 'connector',
        name,
        config,
        ...(created && initialState !== undefined && { target: initialState }),
      })
      await settle()
      rejectFailed(name)
      return { created, info: connectorInfo(configs.snapshot(), name, plugins()) }
    })

  const target = (name: string, state: 'STARTED' | 'PAUSED') =>
    inTurn(async () => {
      if (!configs.snapshot().connectors.has(name))
        throw new ConnectError('not-found', `Unknown connector ${name}`)
      await configs.append({ type: 'target', name, state })
      await settle()
    })

  return {
    connectors: () => [...configs.snapshot().connectors.keys()],
    connector: (name) => connectorInfo(configs.snapshot(), name, plugins()),
    status: (name) => connectorState(configs.snapshot(), statuses, name, plugins()),
    taskStatus: (name, task) => taskState(statuses, name, task),
    tasks: (name) => taskInfos(configs.snapshot(), name),
    plugins,
    topics(name) {
      if (!parts.topicTracking.enabled) throw new ConnectError('bad-request', 'Topic tracking is disabled.')
      return statuses.topics(name).map(({ topic }) => topic)
    },
    resetTopics(name) {
      if (!parts.topicTracking.enabled) throw new ConnectError('bad-request', 'Topic tracking is disabled.')
      if (!parts.topicTracking.resettable)
        throw new ConnectError('bad-request', 'Topic tracking reset is disabled.')
      statuses.deleteTopics(name)
    },
    put,
    async patch(name, changes) {
      const config: { [name: string]: string } = { ...entryOf(configs.snapshot(), name).config }
      for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete config[key]
        else config[key] = value
      }
      return (await put(name, config)).info
    },
    delete: (name) =>
      inTurn(async () => {
        entryOf(configs.snapshot(), name)
        await configs.append({ type: 'connector', name, config: null })
        await settle()
      }),
    pause: (name) => target(name, 'PAUSED'),
    resume: (name) => target(name, 'STARTED'),
    stop: (name) =>
      inTurn(async () => {
        if (!configs.snapshot().connectors.has(name))
          throw new ConnectError('not-found', `Unknown connector ${name}`)
        await configs.append({ type: 'target', name, state: 'STOPPED' })
        await configs.append({ type: 'tasks', name, configs: [] })
        await settle()
      }),
    restart: (name) =>
      inTurn(async () => {
        entryOf(configs.snapshot(), name)
        reconciler.restart(connectorKey(name))
        await settle()
        if (reconciler.failure(connectorKey(name)) !== null)
          throw new ConnectError('connect', `Failed to start connector: ${name}`)
      }),
    restartWith: (name, { includeTasks, onlyFailed }) =>
      inTurn(async () => {
        const { connectors } = configs.snapshot()
        if (!connectors.has(name)) throw new ConnectError('not-found', `Unknown connector: ${name}`)
        const status = statuses.connector(name)
        if (status === undefined)
          throw new ConnectError('not-found', `Status for connector ${name} not found`)
        const chosen = ({ state }: { readonly state: string }) => !onlyFailed || state === 'FAILED'
        if (chosen(status)) reconciler.restart(connectorKey(name))
        if (includeTasks)
          for (const [task, one] of statuses.tasks(name))
            if (chosen(one)) reconciler.restart(taskKey(name, task))
        return connectorState(configs.snapshot(), statuses, name, plugins())
      }),
    restartTask: (name, task) =>
      inTurn(async () => {
        const entry = configs.snapshot().connectors.get(name)
        if (entry === undefined) throw new ConnectError('not-found', `Unknown connector: ${name}`)
        if (entry.tasks[task] === undefined)
          throw new ConnectError('not-found', `Unknown task: ${name}-${task}`)
        reconciler.restart(taskKey(name, task))
        await settle()
      }),
    async offsets(name) {
      const entry = entryOf(configs.snapshot(), name)
      if (typeOf(entry, plugins()) === 'sink') return parts.groupOffsets(name, entry.config)
      const all = await offsets.all(name)
      return {
        offsets: all.map(([partition, offset]) => ({
          partition: partition as OffsetMap,
          offset: offset as OffsetMap,
        })),
      }
    },
  }
}

/** In Java's words and order. */
async function checkConfig({ plugins, validate, configs }: StandaloneParts, name: string, config: Props) {
  const className = config['connector.class']
  if (className === undefined || className.trim() === '')
    throw new ConnectError(
      'bad-request',
      `Connector config {${Object.entries(config)
        .map(([key, value]) => `${key}=${value}`)
        .join(', ')}} contains no connector type`,
    )
  try {
    findConnector(plugins(), className.trim())
  } catch (error) {
    throw new ConnectError('bad-request', (error as Error).message)
  }
  // what runs already has passed
  if (sameProps(configs.snapshot().connectors.get(name)?.config ?? null, config)) return
  const errors = await validate(name, config)
  if (errors.length > 0)
    throw new ConnectError(
      'bad-request',
      `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
    )
}
