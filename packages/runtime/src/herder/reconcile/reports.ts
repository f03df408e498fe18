import type { InstanceStatus } from '../../state/status.ts'
import type { WorkerCore } from '../core.ts'
import type { Desired } from './desired.ts'

/** What this worker says of its instances in the status store. */
export interface Reports {
  /** `began` is for what may come too late, and gives way to another worker: the generation in which the instance began. */
  tell(
    desired: Desired,
    state: InstanceStatus['state'],
    detail: { readonly version: string | null; readonly trace: string | null },
    began?: number,
  ): void
  topicUsed(desired: Desired, topic: string): void
  /** After the end of an instance: clears away what is said of what is not configured any more. `isLast`: none of its connector runs here. */
  forget(desired: Desired, isLast: boolean): void
}

export const NO_DETAIL = { version: null, trace: null }

export function openReports(core: WorkerCore, generation: () => number): Reports {
  const { config, workerId, now } = core
  const { configs, statuses } = core.stores
  return {
    tell(desired, state, { version, trace }, began) {
      const seen = { workerId, generation: generation(), version }
      const status: InstanceStatus =
        state === 'FAILED' ? { ...seen, state, trace: trace ?? '' } : { ...seen, state }
      if (desired.kind === 'connector') statuses.putConnector(desired.connector, status, began)
      else statuses.putTask(desired.connector, desired.task, status, began)
    },
    topicUsed(desired, topic) {
      const { connector } = desired
      if (!config['topic.tracking.enable']) return
      if (statuses.topics(connector).some((known) => known.topic === topic)) return
      const task = desired.kind === 'task' ? desired.task : 0
      statuses.putTopic({ topic, connector, task, discoverTimestamp: now() })
    },
    forget(desired, isLast) {
      const { connector } = desired
      const configured = configs.snapshot().connectors.get(connector)
      // that of a task still means something while it runs on another worker, or will again
      const isTaskGone = configured === undefined || configured.target === 'STOPPED'
      if (desired.kind === 'task' && (isTaskGone || desired.task >= configured.tasks.length))
        statuses.deleteTask(connector, desired.task)
      // those of a connector last, so that none of its tasks leaves a trace after it
      if (configured !== undefined || !isLast) return
      statuses.deleteConnector(connector)
      statuses.deleteTopics(connector)
    },
  }
}
