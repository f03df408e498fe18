import type { Props } from '@isthmus/sdk'
import type { InstanceSpec, InstanceState, WorkerFacts } from '../../host/messages.ts'
import type { Instance } from '../../instances/instance.ts'
import type { ConfiguredConnector } from '../../state/snapshot.ts'
import type { Desired } from './plan.ts'

/** An instance that runs, on its way to what is desired of it. */
export interface Live {
  desired: Desired
  readonly instance: Instance
  /** In which it began: what it says last must not undo what a later one says. */
  readonly generation: number
  /** As it last said; null while it is on its way to another target. */
  state: InstanceState | null
  failure: string | null
  /** Of its plugin, as far as it is known. */
  version: string | null
  /** Since when `state` is null. */
  sinceMs: number
  /** Settles when it holds nothing any more; null unless it was told to stop. */
  gone: Promise<void> | null
  /** Connectors: how often tasks were to be configured, and the count that was last carried out. */
  requests: number
  configured: number
  configuring: boolean
  /** Connectors: the tasks they last asked for, and the version of those that were there then. */
  tasks: readonly Props[] | null
  tasksVersion: number | null
  /** How often in a row others than it asked for were stored. */
  overruled: number
}

export const nameOf = (desired: Desired): string =>
  desired.kind === 'connector'
    ? `connector ${desired.connector}`
    : `task ${desired.connector}-${desired.task}`

export function activityOf({ desired, gone, configuring }: Live): string {
  const what = nameOf(desired)
  if (gone !== null) return `stopping ${what}`
  if (configuring) return `generating task configs for connector ${desired.connector}`
  return desired.target === 'STARTED' ? 'starting the connector' : `stopping ${what}`
}

export const needsTasks = (one: Live): boolean =>
  one.desired.kind === 'connector' &&
  one.desired.target === 'STARTED' &&
  one.state === 'RUNNING' &&
  one.configured !== one.requests

/** Whether a status of a task still means something: it runs elsewhere, or will again. */
export const stillConfigured = (configured: ConfiguredConnector | undefined, task: number): boolean =>
  configured !== undefined && configured.target !== 'STOPPED' && task < configured.tasks.length

export function specOf(desired: Desired, configured: ConfiguredConnector, worker: WorkerFacts): InstanceSpec {
  const base = { connector: desired.connector, target: desired.target, worker }
  return desired.kind === 'connector'
    ? { ...base, kind: 'connector', connectorConfig: configured.config }
    : {
        ...base,
        kind: 'task',
        // a newer one comes with new task configs; if it is taken back before, nothing would restart this task
        connectorConfig: configured.appliedConfig ?? configured.config,
        task: desired.task,
        taskConfig: configured.tasks[desired.task] ?? {},
        taskCount: configured.tasks.length,
      }
}
