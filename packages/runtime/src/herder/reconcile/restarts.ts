import { connectorKey, taskKey } from '../../state/ids.ts'
import { NO_RESTARTS, type RestartRequest, requestsSince } from '../../state/restart-request.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import type { StatusStore } from '../../store/stores.ts'

/** Whether a request is about an instance of its connector. */
export const concerns = (
  { includeTasks, onlyFailed }: RestartRequest,
  kind: 'connector' | 'task',
  state: string | null,
): boolean => (kind === 'connector' || includeTasks) && (!onlyFailed || state === 'FAILED')

/** Keys of the instances that a request is to restart, by what they were last seen doing; null without a status of the connector. */
export function restartPlan(statuses: StatusStore, request: RestartRequest): readonly string[] | null {
  const { connector } = request
  const status = statuses.connector(connector)
  if (status === undefined) return null
  const tasks = statuses.tasks(connector).filter(([, { state }]) => concerns(request, 'task', state))
  return [
    ...(concerns(request, 'connector', status.state) ? [connectorKey(connector)] : []),
    ...tasks.map(([task]) => taskKey(connector, task)),
  ]
}

/** Requests that came between two snapshots; of several of one form for one connector, one. */
export function restartsBetween(before: ClusterSnapshot, after: ClusterSnapshot): readonly RestartRequest[] {
  return [...after.connectors].flatMap(([name, { restarts }]) =>
    requestsSince(before.connectors.get(name)?.restarts ?? NO_RESTARTS, restarts, name),
  )
}
