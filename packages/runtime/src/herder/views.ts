import type {
  ConnectorInfo,
  ConnectorState,
  ConnectorStateInfo,
  ConnectorType,
  TaskInfo,
  TaskState,
} from '@isthmus/rest-api'
import { ConnectError } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { findConnector } from '../plugins/registry.ts'
import { connectorKey, taskKey } from '../state/ids.ts'
import type { ClusterSnapshot, ConfiguredConnector } from '../state/snapshot.ts'
import type { InstanceStatus } from '../state/status.ts'
import type { StatusStore } from '../store/stores.ts'

/** Answers of the REST API out of the snapshot and the statuses; nothing here changes anything. */
export function configuredOf(snapshot: ClusterSnapshot, name: string): ConfiguredConnector {
  const configured = snapshot.connectors.get(name)
  if (configured === undefined) throw new ConnectError('not-found', `Connector ${name} not found`)
  return configured
}

export function typeOf(
  configured: ConfiguredConnector | undefined,
  plugins: readonly PluginDescriptor[],
): ConnectorType {
  const name = configured?.config['connector.class']
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
  const configured = configuredOf(snapshot, name)
  return {
    name,
    config: configured.config,
    tasks: configured.tasks.map((_, task) => ({ connector: name, task })),
    type: typeOf(configured, plugins),
  }
}

export function taskInfos(snapshot: ClusterSnapshot, name: string): readonly TaskInfo[] {
  return configuredOf(snapshot, name).tasks.map((config, task) => ({ id: { connector: name, task }, config }))
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

export function taskState(statuses: StatusStore, name: string, task: number): TaskState {
  const status = statuses.task(name, task)
  if (status === undefined) throw new ConnectError('not-found', `No status found for task ${name}-${task}`)
  return { id: task, ...stateInfo(status) }
}

const stateInfo = (status: InstanceStatus): ConnectorState => ({
  state: status.state,
  worker_id: status.workerId,
  ...(status.version !== null && { version: status.version }),
  ...(status.state === 'FAILED' && { trace: status.trace }),
})
