import { connectorKey, taskKey } from '../state/ids.ts'
import { NO_RESTARTS, type RestartRequest, requestsSince } from '../state/restart-request.ts'
import type { ClusterSnapshot } from '../state/snapshot.ts'
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

/** Requests that came between two snapshots; of several of one form for one connector, one. */
export function restartsBetween(before: ClusterSnapshot, after: ClusterSnapshot): readonly RestartRequest[] {
  return [...after.connectors].flatMap(([name, { restarts }]) =>
    requestsSince(before.connectors.get(name)?.restarts ?? NO_RESTARTS, restarts, name),
  )
}
