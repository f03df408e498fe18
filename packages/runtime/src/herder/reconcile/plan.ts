import { connectorKey, taskKey } from '../../state/ids.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import type { TargetState } from '../../state/status.ts'

/** One connector or task that is to run here. */
export type Desired = {
  readonly key: string
  readonly connector: string
  /** An instance of another version has to give way: other configs, or a restart that was asked for. */
  readonly version: string
  readonly target: TargetState
} & ({ readonly kind: 'connector' } | { readonly kind: 'task'; readonly task: number })

/** What is running, as far as the plan needs to know. */
export interface Running {
  readonly version: string
  readonly target: TargetState
  /** It was told to stop and holds its place until it has. */
  readonly stopping?: boolean
}

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
  for (const [connector, { target, configVersion, tasks, tasksVersion }] of snapshot.connectors) {
    if (share.connector(connector)) {
      const key = connectorKey(connector)
      const version = `${configVersion}/${restarts.get(key) ?? 0}`
      desired.set(key, { kind: 'connector', key, connector, version, target })
    }
    if (target === 'STOPPED') continue
    for (let task = 0; task < tasks.length; task++) {
      if (!share.task(connector, task)) continue
      const key = taskKey(connector, task)
      const version = `${tasksVersion}/${restarts.get(key) ?? 0}`
      desired.set(key, { kind: 'task', key, connector, task, version, target })
    }
  }
  return desired
}

/** The next steps from what runs to what is desired: an instance starts when the one it replaces is gone, in a later plan. */
export interface Plan {
  readonly stop: readonly string[]
  readonly retarget: readonly Desired[]
  readonly start: readonly Desired[]
}

export function plan(
  desired: ReadonlyMap<string, Desired>,
  running: ReadonlyMap<string, Running>,
  startable = true,
): Plan {
  const stop: string[] = []
  const retarget: Desired[] = []
  const start: Desired[] = []
  for (const [key, { version, target, stopping }] of running) {
    if (stopping === true) continue
    const wanted = desired.get(key)
    if (wanted === undefined || wanted.version !== version) stop.push(key)
    else if (wanted.target !== target) retarget.push(wanted)
  }
  for (const wanted of startable ? desired.values() : []) if (!running.has(wanted.key)) start.push(wanted)
  return { stop, retarget, start }
}
