import { eventually } from '../process/eventually.ts'
import type { Group, Member } from './cluster.ts'

/** Where everything of some connectors runs, by worker id, as a worker tells it: `c` for a connector, `c-0` for its task. */
export async function placesOf(member: Member): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>()
  for (const [name, { status }] of Object.entries(await member.client.expanded('status'))) {
    if (status === undefined) continue
    if (status.connector.state === 'RUNNING') places.set(name, status.connector.worker_id)
    for (const { id, state, worker_id } of status.tasks)
      if (state === 'RUNNING') places.set(`${name}-${id}`, worker_id)
  }
  return places
}

/** Waits until all of `names` run, as every worker of `members` sees it. */
export function allRun(
  members: readonly Member[],
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return eventually(
    `${names.join(', ')} run`,
    async () => {
      const views = await Promise.all(members.map(placesOf))
      return views.every((view) => names.every((name) => view.has(name))) && views[0]
    },
    60_000,
  )
}

/** Names of the tasks of connectors that have as many each. */
export const namesOf = (connectors: readonly string[], tasks: number): readonly string[] =>
  connectors.flatMap((name) => [name, ...Array.from({ length: tasks }, (_, i) => `${name}-${i}`)])

/** How many of all run on each worker. */
export function loadsOf(places: ReadonlyMap<string, string>, { members }: Group): readonly number[] {
  return members.map(({ id }) => [...places.values()].filter((place) => place === id).length)
}
