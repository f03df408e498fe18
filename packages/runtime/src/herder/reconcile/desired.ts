import { connectorKey, taskKey } from '../../state/ids.ts'
import type { ClusterSnapshot, ConfiguredConnector } from '../../state/snapshot.ts'
import type { TargetState } from '../../state/status.ts'

/** One connector or task that is to run here. */
export type Desired = {
  readonly key: string
  readonly connector: string
  /** An instance of another version has to give way: other configs, or a restart that was asked for. */
  readonly version: string
  readonly target: TargetState
} & ({ readonly kind: 'connector' } | { readonly kind: 'task'; readonly task: number })

/** Restarts that were asked for, by instance key: a count, so that none is lost and none is done twice. */
export type Restarts = ReadonlyMap<string, number>
/** What of the snapshot this worker is to run. */
export interface Share {
  connector(name: string): boolean
  task(name: string, task: number): boolean
  /** False until the workers have agreed on what runs where: what has to give way stops meanwhile, and nothing starts. */
  readonly startable: boolean
}
export const everything: Share = { connector: () => true, task: () => true, startable: true }

export function desiredOf(
  snapshot: ClusterSnapshot,
  share: Share,
  restarts: Restarts,
): ReadonlyMap<string, Desired> {
  const desired = new Map<string, Desired>()
  for (const [connector, configured] of snapshot.connectors) {
    if (share.connector(connector)) {
      const one = connectorOf(connector, configured, restarts)
      desired.set(one.key, one)
    }
    if (configured.target === 'STOPPED') continue
    for (let task = 0; task < configured.tasks.length; task++) {
      if (!share.task(connector, task)) continue
      const one = taskOf(connector, task, configured, restarts)
      desired.set(one.key, one)
    }
  }
  return desired
}

/** What is desired of the connector or task that `before` is of; null when it is not to be here any more. */
export function desiredAfter(
  before: Desired,
  snapshot: ClusterSnapshot,
  share: Share,
  restarts: Restarts,
): Desired | null {
  const { connector } = before
  const configured = snapshot.connectors.get(connector)
  if (configured === undefined) return null
  if (before.kind === 'connector')
    return share.connector(connector) ? connectorOf(connector, configured, restarts) : null
  const { task } = before
  if (configured.target === 'STOPPED' || task >= configured.tasks.length) return null
  return share.task(connector, task) ? taskOf(connector, task, configured, restarts) : null
}

function connectorOf(
  connector: string,
  { configVersion, target }: ConfiguredConnector,
  restarts: Restarts,
): Desired {
  const key = connectorKey(connector)
  const version = `${configVersion}/${restarts.get(key) ?? 0}`
  return { kind: 'connector', key, connector, version, target }
}

function taskOf(
  connector: string,
  task: number,
  { tasksVersion, target }: ConfiguredConnector,
  restarts: Restarts,
): Desired {
  const key = taskKey(connector, task)
  const version = `${tasksVersion}/${restarts.get(key) ?? 0}`
  return { kind: 'task', key, connector, task, version, target }
}
