import type { InstanceSpec, InstanceState, WorkerFacts } from '../../host/messages.ts'
import type { Instance } from '../../instances/instance.ts'
import type { ConfiguredConnector } from '../../state/snapshot.ts'
import type { Desired } from './desired.ts'
import { awaitsTasks, type TaskConfigs } from './task-configs.ts'

/** How far an instance has come in its life, and since when. */
export type Life = { readonly sinceMs: number } & (
  | /** What it must have to itself is being claimed; nothing of it runs. `claimed` never rejects. */
  { readonly type: 'preparing'; readonly claim: AbortController; readonly claimed: Promise<void> }
  /** That could not be claimed: it has failed, and holds nothing. */
  | { readonly type: 'refused'; readonly failure: string }
  /** On its way to its target. */
  | { readonly type: 'moving'; readonly instance: Instance }
  /** As it last said. */
  | {
      readonly type: 'there'
      readonly instance: Instance
      readonly state: InstanceState
      /** Why it has failed; null unless it has. */
      readonly failure: string | null
      /** Of its plugin, as far as it is known. */
      readonly version: string | null
    }
  /** Told to stop. It keeps its place until it is gone: when it holds nothing any more. */
  | { readonly type: 'stopping'; readonly state: InstanceState | null; readonly gone: Promise<void> }
)

/** What a status says between the end of an instance and the start of the one that replaces it. */
export type Between = 'UNASSIGNED' | 'RESTARTING'

/** An instance that runs here, or is about to. */
export type Running = RunningConnector | RunningTask
export interface RunningConnector extends Instanced {
  tasks: TaskConfigs
}
export interface RunningTask extends Instanced {
  readonly tasks: null
}
interface Instanced {
  desired: Desired
  life: Life
  between: Between
  /** In which it began: what it says last must not undo what a later one says. */
  generation: number
}

export const nameOf = (desired: Desired): string =>
  desired.kind === 'connector'
    ? `connector ${desired.connector}`
    : `task ${desired.connector}-${desired.task}`

/** What it last said; null while it is on its way to another target. */
export function stateOf({ life }: Running): InstanceState | null {
  if (life.type === 'refused') return 'FAILED'
  return life.type === 'there' || life.type === 'stopping' ? life.state : null
}

/** Whether its connector has to be waited for; tasks may take as long as they like to start. */
export function isBusy(one: Running): boolean {
  const { desired, life } = one
  if (life.type === 'stopping') return true
  return desired.kind === 'connector' && (stateOf(one) === null || needsTasks(one))
}

export const needsTasks = ({ desired, life, tasks }: Running): boolean =>
  tasks !== null &&
  desired.target === 'STARTED' &&
  life.type === 'there' &&
  life.state === 'RUNNING' &&
  awaitsTasks(tasks)

/** What it is waited for, in Java's words, and since when. */
export function activityOf({ desired, life, tasks }: Running): readonly [what: string, sinceMs: number] {
  const what = nameOf(desired)
  if (life.type === 'stopping') return [`stopping ${what}`, life.sinceMs]
  if (tasks?.asking.type === 'asked')
    return [`generating task configs for connector ${desired.connector}`, tasks.asking.sinceMs]
  return [desired.target === 'STARTED' ? 'starting the connector' : `stopping ${what}`, life.sinceMs]
}

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
