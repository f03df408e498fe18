import type { TaskId } from '../state/ids.ts'
import { sortedWork, type Work } from './work.ts'

/**
 * Connectors first, then tasks, dealt out in turn to the members in order of their ids. A connector and its tasks are not kept
 * together: with one task each, half of the workers would get all the tasks.
 */
export function assignEager(members: readonly string[], configured: Work): ReadonlyMap<string, Work> {
  const { connectors, tasks } = sortedWork(configured)
  const hands = [...members]
    .sort()
    .map((member) => ({ member, connectors: [] as string[], tasks: [] as TaskId[] }))
  let next = 0
  const deal = () => hands[next++ % hands.length]
  for (const connector of connectors) deal()?.connectors.push(connector)
  for (const task of tasks) deal()?.tasks.push(task)
  return new Map(hands.map(({ member, ...work }) => [member, work]))
}
