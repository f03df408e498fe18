import type { Props } from '@isthmus/sdk'
import { counting, NO_RESTARTS, type RestartCounts, type RestartRequest } from './restart-request.ts'
import { sameConfigs, sameProps } from './same.ts'
import type { TargetState } from './status.ts'

/** One connector as configured; texts are raw, variables in them not replaced. */
export interface ConfiguredConnector {
  readonly config: Props
  readonly target: TargetState
  /** Task configs by task number; none when what there is of them is not whole. */
  readonly tasks: readonly Props[]
  /** As many as were committed, whole or not. */
  readonly taskCount: number
  /**
   * They were committed after the connector's config was last written. Else a worker that reads the config topic after its compaction
   * finds them before any config, where they do not count.
   */
  readonly tasksFollow: boolean
  /** The connector config that `tasks` were made from; null before there were any. */
  readonly appliedConfig: Props | null
  /** The snapshot's version when the config, and the task configs, were last written: what runs under another is out of date. */
  readonly configVersion: number
  readonly tasksVersion: number
  readonly restarts: RestartCounts
}

/** With which workers of a group sign the requests between them (KIP-507). */
export interface SessionKey {
  readonly key: Uint8Array
  /** As the JVM names it: `HmacSHA256`. */
  readonly algorithm: string
  readonly createdMs: number
}

/** What exactly-once sources go by: their tasks start when the producers of those before them are fenced (KIP-618). */
export interface TaskRound {
  /** Counts the sets of task configs from 0; null before the first. */
  readonly generation: number | null
  /** The number of tasks when they were last fenced; null when they never were. */
  readonly fenced: number | null
  /** Task configs were committed since. */
  readonly pending: boolean
}

/** The cluster's configuration as an immutable value. */
export interface ClusterSnapshot {
  /** Grows with every change, so that a connector deleted and made again is another one. */
  readonly version: number
  /** In a group: the next record of the config topic, by which its members tell who has read how much; -1 before the first. */
  readonly offset: number
  readonly sessionKey: SessionKey | null
  readonly connectors: ReadonlyMap<string, ConfiguredConnector>
  /** By connector, of those deleted as well: one made again under the name is fenced from the tasks of the first. */
  readonly rounds: ReadonlyMap<string, TaskRound>
}

export type ConfigChange =
  /** null deletes the connector. `target` is for a new one that is not to start at once (KIP-980). */
  | {
      readonly type: 'connector'
      readonly name: string
      readonly config: Props | null
      readonly target?: TargetState
    }
  /** null: what there is of the `count` committed is not whole, and they have to be generated anew. */
  | {
      readonly type: 'tasks'
      readonly name: string
      readonly configs: readonly Props[] | null
      readonly count?: number
    }
  /** The producers of a source's earlier tasks are fenced; `count` tasks may start. */
  | { readonly type: 'tasks-fencing'; readonly name: string; readonly count: number }
  | { readonly type: 'target'; readonly name: string; readonly state: TargetState }
  | { readonly type: 'restart'; readonly request: RestartRequest }
  | { readonly type: 'session-key'; readonly key: SessionKey }
  /** A level for all workers (KIP-976): told to them, and no part of the configuration. */
  | { readonly type: 'logger'; readonly namespace: string; readonly level: string }

export const EMPTY_SNAPSHOT: ClusterSnapshot = {
  version: 0,
  offset: -1,
  sessionKey: null,
  connectors: new Map(),
  rounds: new Map(),
}

/** Maps that nobody else has seen: they may be changed in place, and a long log is read in the time that it takes to read it. */
export type Owned = WeakSet<object>

export function changeable<V, K = string>(map: ReadonlyMap<K, V> | undefined, owned?: Owned): Map<K, V> {
  if (map !== undefined && owned?.has(map)) return map as Map<K, V>
  const copy = new Map(map)
  owned?.add(copy)
  return copy
}

/** The snapshot after a change; the same object when the change means nothing. */
export const applyChange = (snapshot: ClusterSnapshot, change: ConfigChange): ClusterSnapshot =>
  applyOwned(snapshot, change, undefined)

/** The same, but the maps of the snapshot before it may be changed with it. */
export function applyOwned(
  snapshot: ClusterSnapshot,
  change: ConfigChange,
  owned: Owned | undefined,
): ClusterSnapshot {
  if (change.type === 'logger') return snapshot
  if (change.type === 'session-key')
    return { ...snapshot, version: snapshot.version + 1, sessionKey: change.key }
  const version = snapshot.version + 1
  if (change.type === 'tasks-fencing') {
    const { name, count } = change
    const generation = snapshot.rounds.get(name)?.generation ?? null
    const rounds = changeable(snapshot.rounds, owned).set(name, { generation, fenced: count, pending: false })
    return { ...snapshot, version, rounds }
  }
  const name = change.type === 'restart' ? change.request.connector : change.name
  const configured = snapshot.connectors.get(name)
  const next = connectorAfter(configured, change, version)
  if (next === configured) return snapshot
  const connectors = changeable(snapshot.connectors, owned)
  if (next === undefined) connectors.delete(name)
  else connectors.set(name, next)
  if (change.type !== 'tasks') return { ...snapshot, version, connectors }
  const round = roundAfter(snapshot.rounds.get(name), change.configs)
  const rounds = changeable(snapshot.rounds, owned).set(name, round)
  return { ...snapshot, version, connectors, rounds }
}

/** A commit that moved no task configs is of no new set, but fencing is due all the same. */
function roundAfter(round: TaskRound | undefined, configs: readonly Props[] | null): TaskRound {
  const before = round?.generation ?? null
  const moved = configs !== null && configs.length > 0
  return {
    generation: moved ? (before === null ? 0 : before + 1) : before,
    fenced: round?.fenced ?? null,
    pending: true,
  }
}

function connectorAfter(
  configured: ConfiguredConnector | undefined,
  change: Exclude<ConfigChange, { type: 'session-key' | 'logger' | 'tasks-fencing' }>,
  version: number,
): ConfiguredConnector | undefined {
  switch (change.type) {
    case 'connector': {
      if (change.config === null) return undefined
      const { config } = change
      const target = change.target ?? configured?.target ?? 'STARTED'
      return configured === undefined
        ? { ...NEW_CONNECTOR, config, target, configVersion: version }
        : { ...configured, config, target, configVersion: version, tasksFollow: false }
    }
    case 'tasks':
      return (
        configured && {
          ...configured,
          tasks: change.configs ?? [],
          taskCount: change.count ?? change.configs?.length ?? 0,
          // what runs with the same configs goes on
          tasksVersion: isRepeated(configured, change.configs) ? configured.tasksVersion : version,
          tasksFollow: true,
          appliedConfig: change.configs && configured.config,
        }
      )
    case 'target':
      return configured === undefined || configured.target === change.state
        ? configured
        : { ...configured, target: change.state }
    case 'restart':
      return configured && { ...configured, restarts: counting(configured.restarts, change.request) }
    default:
      return change satisfies never
  }
}

const isRepeated = (
  { tasks, appliedConfig, config }: ConfiguredConnector,
  configs: readonly Props[] | null,
) => configs !== null && configs.length > 0 && sameConfigs(tasks, configs) && sameProps(appliedConfig, config)

const NEW_CONNECTOR = {
  tasks: [],
  taskCount: 0,
  tasksFollow: false,
  appliedConfig: null,
  tasksVersion: 0,
  restarts: NO_RESTARTS,
} as const
