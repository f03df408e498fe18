import { connectorKey, taskKey } from '../state/ids.ts'
import type { ClusterSnapshot, RestartRequest } from '../state/snapshot.ts'
import type { StatusStore } from '../store/stores.ts'

/** Keys of the instances that a request is to restart, by what they were last seen doing; null without a status of the connector. */
export function restartPlan(statuses: StatusStore, request: RestartRequest): readonly string[] | null {
  const { connector, includeTasks, onlyFailed } = request
  const status = statuses.connector(connector)
  if (status === undefined) return null
  const chosen = ({ state }: { readonly state: string }) => !onlyFailed || state === 'FAILED'
  const tasks = includeTasks ? statuses.tasks(connector).filter(([, one]) => chosen(one)) : []
  return [
    ...(chosen(status) ? [connectorKey(connector)] : []),
    ...tasks.map(([task]) => taskKey(connector, task)),
  ]
}

/** Requests that came between two snapshots; of several for one connector, the last. */
export function restartsBetween(before: ClusterSnapshot, after: ClusterSnapshot): readonly RestartRequest[] {
  return [...after.connectors].flatMap(([name, { restart, restarts }]) =>
    restart !== null && restarts > (before.connectors.get(name)?.restarts ?? 0) ? [restart] : [],
  )
}
