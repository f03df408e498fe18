import type { Props } from '@isthmus/sdk'
import type { TargetState } from './status.ts'

export interface RestartRequest {
  readonly connector: string
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** One connector as configured; texts are raw, variables in them not replaced. */
export interface ConnectorEntry {
  readonly config: Props
  readonly target: TargetState
  /** Task configs by task number. */
  readonly tasks: readonly Props[]
  /** The connector config that `tasks` were made from; null before there were any. */
  readonly appliedConfig: Props | null
  /** The snapshot's version when the config, and the task configs, were last written: what runs under another is out of date. */
  readonly configVersion: number
  readonly tasksVersion: number
  /** The last restart that was asked for, and how many there were. */
  readonly restart: RestartRequest | null
  readonly restarts: number
}

/** With which workers of a group sign the requests between them (KIP-507). */
export interface SessionKey {
  readonly key: Uint8Array
  /** As the JVM names it: `HmacSHA256`. */
  readonly algorithm: string
  readonly createdMs: number
}

/** The cluster's configuration as an immutable value. */
export interface ClusterSnapshot {
  /** Grows with every change, so that a connector deleted and made again is another one. */
  readonly version: number
  /** In a group: the next record of the config topic, by which its members tell who has read how much; -1 before the first. */
  readonly offset: number
  readonly sessionKey: SessionKey | null
  readonly connectors: ReadonlyMap<string, ConnectorEntry>
}

export type ConfigChange =
  /** null deletes the connector. `target` is for a new one that is not to start at once (KIP-980). */
  | {
      readonly type: 'connector'
      readonly name: string
      readonly config: Props | null
      readonly target?: TargetState
    }
  /** null: what there is of them is not whole, and they have to be generated anew. */
  | { readonly type: 'tasks'; readonly name: string; readonly configs: readonly Props[] | null }
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
}

/** The snapshot after a change; the same object when the change means nothing. */
export function applyChange(snapshot: ClusterSnapshot, change: ConfigChange): ClusterSnapshot {
  if (change.type === 'logger') return snapshot
  if (change.type === 'session-key')
    return { ...snapshot, version: snapshot.version + 1, sessionKey: change.key }
  const name = change.type === 'restart' ? change.request.connector : change.name
  const entry = snapshot.connectors.get(name)
  const version = snapshot.version + 1
  const next = entryAfter(entry, change, version)
  if (next === entry) return snapshot
  const connectors = new Map(snapshot.connectors)
  if (next === undefined) connectors.delete(name)
  else connectors.set(name, next)
  return { ...snapshot, version, connectors }
}

function entryAfter(
  entry: ConnectorEntry | undefined,
  change: Exclude<ConfigChange, { type: 'session-key' | 'logger' }>,
  version: number,
): ConnectorEntry | undefined {
  switch (change.type) {
    case 'connector': {
      if (change.config === null) return undefined
      const { config } = change
      const target = change.target ?? entry?.target ?? 'STARTED'
      return entry === undefined
        ? { ...NEW_ENTRY, config, target, configVersion: version }
        : { ...entry, config, target, configVersion: version }
    }
    case 'tasks':
      return (
        entry && {
          ...entry,
          tasks: change.configs ?? [],
          tasksVersion: version,
          appliedConfig: change.configs && entry.config,
        }
      )
    case 'target':
      return entry === undefined || entry.target === change.state ? entry : { ...entry, target: change.state }
    case 'restart':
      return entry && { ...entry, restart: change.request, restarts: entry.restarts + 1 }
    default:
      return change satisfies never
  }
}

const NEW_ENTRY = { tasks: [], appliedConfig: null, tasksVersion: 0, restart: null, restarts: 0 } as const
