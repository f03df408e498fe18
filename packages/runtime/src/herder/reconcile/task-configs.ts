import type { Props } from '@isthmus/sdk'
import { sameConfigs } from '../../state/same.ts'
import type { ConfiguredConnector } from '../../state/snapshot.ts'

/** What is known of the task configs of a connector that runs here. */
export interface TaskConfigs {
  readonly asking:
    | { readonly type: 'idle' }
    /** It is to be asked for them. */
    | { readonly type: 'due' }
    /** It has been asked; `again`: it has more to say than when it was. */
    | { readonly type: 'asked'; readonly again: boolean; readonly sinceMs: number }
  /** Those it last made, and the version of those that were stored then. */
  readonly made: { readonly tasks: readonly Props[]; readonly version: number | null } | null
  /** How often in a row others than it made were stored. */
  readonly overruled: number
}

export const NO_TASK_CONFIGS: TaskConfigs = { asking: { type: 'idle' }, made: null, overruled: 0 }

/** They are not known yet, or not any more. */
export const awaitsTasks = ({ asking }: TaskConfigs): boolean => asking.type !== 'idle'

/** It is to be asked, once more where it is being asked. */
export function requested(tasks: TaskConfigs): TaskConfigs {
  const { asking } = tasks
  return { ...tasks, asking: asking.type === 'asked' ? { ...asking, again: true } : { type: 'due' } }
}

export const asked = (tasks: TaskConfigs, sinceMs: number): TaskConfigs => ({
  ...tasks,
  asking: { type: 'asked', again: false, sinceMs },
})

/** The question is over, with an answer or without. */
export function answered(tasks: TaskConfigs): TaskConfigs {
  const { asking } = tasks
  return { ...tasks, asking: { type: asking.type === 'asked' && !asking.again ? 'idle' : 'due' } }
}

/**
 * What is stored, looked at again. Others than it made may be there: by a stop that was taken back at once, or by an earlier request that
 * took long on its way to the leader. Then it is `overruled` once more, and has to insist.
 */
export function compared(tasks: TaskConfigs, stored: ConfiguredConnector): TaskConfigs {
  const { made } = tasks
  if (made === null || stored.tasksVersion === made.version) return tasks
  const same = sameConfigs(made.tasks, stored.tasks)
  return {
    ...tasks,
    made: { tasks: made.tasks, version: stored.tasksVersion },
    overruled: same ? 0 : tasks.overruled + 1,
  }
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000

/** How long to wait before it insists: at first not at all, but what is never read back as it was written is not written without end. */
export const insistenceMs = ({ overruled }: TaskConfigs): number =>
  overruled <= 1 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (overruled - 2), LONGEST_PAUSE_MS)
