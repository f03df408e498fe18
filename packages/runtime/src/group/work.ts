import { connectorKey, type TaskId, taskKey } from '../state/ids.ts'

/** Connectors and tasks that a worker is to run, or to give up. */
export interface Work {
  readonly connectors: readonly string[]
  readonly tasks: readonly TaskId[]
}

export const NO_WORK: Work = { connectors: [], tasks: [] }

export const isNoWork = (work: Work): boolean => work.connectors.length === 0 && work.tasks.length === 0

/** For a line of the log. */
export const countsOf = ({ connectors, tasks }: Work): string =>
  `${connectors.length} connector(s) and ${tasks.length} task(s)`

/** The keys of connectors and tasks, as instances have them, in one set. */
export function keysOf(work: Work): Set<string> {
  const keys = new Set(work.connectors.map(connectorKey))
  for (const { connector, task } of work.tasks) keys.add(taskKey(connector, task))
  return keys
}

/** No name of a connector holds a control character. */
export const isTaskKey = (key: string): boolean => key.includes('\u0000')

/** In the order of `keys`. */
export function workOf(keys: Iterable<string>): Work {
  const connectors: string[] = []
  const tasks: TaskId[] = []
  for (const key of keys) {
    const end = key.indexOf('\u0000')
    if (end === -1) connectors.push(key)
    else tasks.push({ connector: key.slice(0, end), task: Number(key.slice(end + 1)) })
  }
  return { connectors, tasks }
}

/** What a worker runs after a round of the cooperative protocol, whose assignments only tell what changes. */
export function workAfter(before: Work, revoked: Work, assigned: Work): Work {
  const keys = keysOf(before)
  for (const key of keysOf(revoked)) keys.delete(key)
  for (const key of keysOf(assigned)) keys.add(key)
  return workOf(keys)
}

/** By name, tasks by connector and number; as Java compares them. */
export function sortedWork({ connectors, tasks }: Work): Work {
  return {
    connectors: [...connectors].sort(),
    tasks: [...tasks].sort((a, b) => compareText(a.connector, b.connector) || a.task - b.task),
  }
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
