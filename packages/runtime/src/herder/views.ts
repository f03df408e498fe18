import { ConnectError } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import type { ClusterSnapshot, ConnectorEntry } from '../state/snapshot.ts'
import type { InstanceStatus } from '../state/status.ts'
import type { StatusStore } from '../store/stores.ts'
import type {
  ConnectorInfo,
  ConnectorStateInfo,
  ConnectorType,
  StateInfo,
  TaskInfo,
  TaskStateInfo,
} from './herder.ts'

/** Answers of the REST API out of the snapshot and the statuses; nothing here changes anything. */
export function entryOf(snapshot: ClusterSnapshot, name: string): ConnectorEntry {
  const entry = snapshot.connectors.get(name)
  if (entry === undefined) throw new ConnectError('not-found', `Connector ${name} not found`)
  return entry
}

export function typeOf(
  entry: ConnectorEntry | undefined,
  plugins: readonly PluginDescriptor[],
): ConnectorType {
  const name = entry?.config['connector.class']
  if (name === undefined) return 'unknown'
  try {
    const { type } = findConnector(plugins, name)
    return type === 'source' || type === 'sink' ? type : 'unknown'
  } catch {
    return 'unknown'
  }
}

export function connectorInfo(
  snapshot: ClusterSnapshot,
  name: string,
  plugins: readonly PluginDescriptor[],
): ConnectorInfo {
  const entry = entryOf(snapshot, name)
  return {
    name,
    config: entry.config,
    tasks: entry.tasks.map((_, task) => ({ connector: name, task })),
    type: typeOf(entry, plugins),
  }
}

export function taskInfos(snapshot: ClusterSnapshot, name: string): readonly TaskInfo[] {
  return entryOf(snapshot, name).tasks.map((config, task) => ({ id: { connector: name, task }, config }))
}

export function connectorState(
  snapshot: ClusterSnapshot,
  statuses: StatusStore,
  name: string,
  plugins: readonly PluginDescriptor[],
): ConnectorStateInfo {
  const status = statuses.connector(name)
  if (status === undefined) throw new ConnectError('not-found', `No status found for connector ${name}`)
  return {
    name,
    connector: stateInfo(status),
    tasks: statuses.tasks(name).map(([id, task]) => ({ id, ...stateInfo(task) })),
    type: typeOf(snapshot.connectors.get(name), plugins),
  }
}

/** As KIP-745 answers: what is about to be restarted is shown so already. */
export function restartingState(state: ConnectorStateInfo, keys: ReadonlySet<string>): ConnectorStateInfo {
  const shown = <T extends ConnectorStateInfo['connector']>({ trace: _, ...one }: T) => ({
    ...one,
    state: 'RESTARTING' as const,
  })
  return {
    ...state,
    connector: keys.has(connectorKey(state.name)) ? shown(state.connector) : state.connector,
    tasks: state.tasks.map((one) => (keys.has(taskKey(state.name, one.id)) ? shown(one) : one)),
  }
}

export function taskState(statuses: StatusStore, name: string, task: number): TaskStateInfo {
  const status = statuses.task(name, task)
  if (status === undefined) throw new ConnectError('not-found', `No status found for task ${name}-${task}`)
  return { id: task, ...stateInfo(status) }
}

const stateInfo = (status: InstanceStatus): StateInfo => ({
  state: status.state,
  worker_id: status.workerId,
  ...(status.version !== null && { version: status.version }),
  ...(status.state === 'FAILED' && { trace: status.trace }),
})
