import { ConnectError, type Props } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { pluginNamed } from '../plugins/version.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import type { ConnectorEntry } from '../state/snapshot.ts'
import type { TargetState } from '../state/status.ts'
import { encodeFlat } from '../store/offset-bytes.ts'
import type { ConfigStore, OffsetStore, StatusStore } from '../store/stores.ts'
import type { Checks } from '../task/checks.ts'
import type { ConnectorOffsets, Herder, OffsetMap } from './herder.ts'
import {
  allForgotten,
  type GroupOffsets,
  groupOffsetsOf,
  messageOfChange,
  refusedByGroup,
  sourceChangesOf,
} from './offsets.ts'
import { sameProps } from './plan.ts'
import type { Reconciler } from './reconcile.ts'
import { connectorInfo, connectorState, entryOf, taskInfos, taskState, typeOf } from './views.ts'

export interface StandaloneParts {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly offsets: OffsetStore
  readonly reconciler: Reconciler
  readonly plugins: () => readonly PluginDescriptor[]
  readonly checks: Checks
  readonly topicTracking: { readonly enabled: boolean; readonly resettable: boolean }
  /** Offsets of a sink's consumer group. */
  readonly groupOffsets: (connector: string, config: Props) => GroupOffsets
}

/** The herder of a worker on its own: every write is its own, every instance runs here. */
export function openStandaloneHerder(parts: StandaloneParts): Herder {
  const { configs, statuses, offsets, reconciler, plugins, checks } = parts
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
      await checkConfig(parts, name, config, initialState ?? 'STARTED')
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

  const changeSource = async (
    name: string,
    config: Props,
    changes: ReturnType<typeof sourceChangesOf>,
  ): Promise<boolean> => {
    const flat = changes.map(
      ([partition, offset]) => [partition && encodeFlat(partition), offset && encodeFlat(offset)] as const,
    )
    const known = await checks.alterOffsets(name, config, { type: 'source', offsets: flat })
    await offsets.write(
      name,
      changes.map(([partition, offset]) => [partition ?? {}, offset] as const),
    )
    return known
  }
  /** Of a connector whose tasks are gone for certain. */
  const stoppedEntry = (name: string): ConnectorEntry => {
    const entry = entryOf(configs.snapshot(), name)
    if (entry.target !== 'STOPPED' || entry.tasks.length > 0)
      throw new ConnectError(
        'bad-request',
        `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
      )
    return entry
  }
  const groupOf = async (name: string, config: Props) => {
    try {
      return await parts.groupOffsets(name, config).read()
    } catch (cause) {
      throw new ConnectError(
        'connect',
        `Failed to retrieve consumer group offsets for sink connector ${name}`,
        { cause },
      )
    }
  }

  return {
    connectors: () => [...configs.snapshot().connectors.keys()],
    connector: (name) => connectorInfo(configs.snapshot(), name, plugins()),
    status: (name) => connectorState(configs.snapshot(), statuses, name, plugins()),
    taskStatus: (name, task) => taskState(statuses, name, task),
    tasks: (name) => taskInfos(configs.snapshot(), name),
    plugins,
    topics(name) {
      if (!parts.topicTracking.enabled) throw new ConnectError('forbidden', 'Topic tracking is disabled.')
      return statuses.topics(name).map(({ topic }) => topic)
    },
    resetTopics(name) {
      if (!parts.topicTracking.enabled) throw new ConnectError('forbidden', 'Topic tracking is disabled.')
      if (!parts.topicTracking.resettable)
        throw new ConnectError('forbidden', 'Topic tracking reset is disabled.')
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
        if (!configs.snapshot().connectors.has(name))
          throw new ConnectError('not-found', `Unknown connector: ${name}`)
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
      if (typeOf(entry, plugins()) === 'sink') return shown(await groupOf(name, entry.config))
      const all = await offsets.all(name)
      return {
        offsets: all.map(([partition, offset]) => ({
          partition: partition as OffsetMap,
          offset: offset as OffsetMap,
        })),
      }
    },
    alterOffsets: (name, changes) =>
      inTurn(async () => {
        const { config } = stoppedEntry(name)
        if (typeOf(configs.snapshot().connectors.get(name), plugins()) === 'sink') {
          const wanted = groupOffsetsOf(changes)
          const known = await checks.alterOffsets(name, config, { type: 'sink', offsets: wanted })
          await parts
            .groupOffsets(name, config)
            .alter(wanted)
            .catch((error) => {
              throw refusedByGroup(error, name, 'alter')
            })
          return messageOfChange(known, 'altered')
        }
        return messageOfChange(await changeSource(name, config, sourceChangesOf(changes)), 'altered')
      }),
    resetOffsets: (name) =>
      inTurn(async () => {
        const { config } = stoppedEntry(name)
        if (typeOf(configs.snapshot().connectors.get(name), plugins()) !== 'sink')
          return messageOfChange(await changeSource(name, config, await allForgotten(offsets, name)), 'reset')
        const all = await groupOf(name, config)
        const forgotten = all.map((one) => ({ ...one, offset: null }))
        const known = await checks.alterOffsets(name, config, { type: 'sink', offsets: forgotten })
        await parts
          .groupOffsets(name, config)
          .delete()
          .catch((error) => {
            throw refusedByGroup(error, name, 'reset')
          })
        return messageOfChange(known, 'reset')
      }),
    validate: (config) => checks.validate(null, config),
    pluginConfig: (name, version) => checks.pluginConfig(pluginNamed(plugins(), name, version)),
  }
}

const shown = (
  offsets: readonly { topic: string; partition: number; offset: number }[],
): ConnectorOffsets => ({
  offsets: offsets.map(({ topic, partition, offset }) => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: { kafka_offset: offset },
  })),
})

/** In Java's words and order. */
async function checkConfig(
  { plugins, checks, configs }: StandaloneParts,
  name: string,
  config: Props,
  initialState: TargetState,
) {
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
  const infos = await checks.validate(initialState === 'STARTED' ? name : null, config)
  const errors = infos.configs.flatMap(({ value }) => value.errors)
  if (errors.length > 0)
    throw new ConnectError(
      'bad-request',
      `Connector configuration is invalid and contains the following ${infos.error_count} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
    )
}
