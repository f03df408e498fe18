import { applyChange } from '../state/snapshot.ts'
import { type InstanceStatus, mayReplace } from '../state/status.ts'
import { openSnapshotCell } from './configs/snapshot-cell.ts'
import { openStatusCache } from './statuses/cache.ts'
import type { ConfigStore, StatusStore } from './stores.ts'

/** Configuration of a standalone worker: lost when it ends, given anew on its command line. */
export function openMemoryConfigs(): ConfigStore {
  const cell = openSnapshotCell()
  return {
    snapshot: cell.snapshot,
    changes: cell.changes,
    async append(change) {
      cell.set(applyChange(cell.snapshot(), change))
    },
    async refresh() {},
    async [Symbol.asyncDispose]() {},
  }
}

export function openMemoryStatuses(): StatusStore {
  const cache = openStatusCache()
  const put = (
    key: Parameters<typeof cache.setInstance>[0],
    status: InstanceStatus,
    late: number | undefined,
  ) => {
    if (late === undefined || mayReplace(cache.ofThisLife(key), status, late)) cache.setInstance(key, status)
  }
  return {
    ...cache.reads,
    putConnector: (connector, status, late) => put({ kind: 'connector', connector }, status, late),
    putTask: (connector, task, status, late) => put({ kind: 'task', connector, task }, status, late),
    deleteConnector: (connector) => cache.setInstance({ kind: 'connector', connector }, null),
    deleteTask: (connector, task) => cache.setInstance({ kind: 'task', connector, task }, null),
    putTopic: (status) => cache.setTopic({ kind: 'topic', ...status }, status),
    deleteTopics(connector) {
      for (const { topic } of cache.reads.topics(connector))
        cache.setTopic({ kind: 'topic', connector, topic }, null)
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  }
}
