import { applyChange } from '../state/snapshot.ts'
import { type InstanceStatus, mayReplace, type TopicStatus } from '../state/status.ts'
import { openSnapshotCell } from './snapshot-cell.ts'
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
  const connectors = new Map<string, InstanceStatus>()
  const tasks = new Map<string, Map<number, InstanceStatus>>()
  const topics = new Map<string, Map<string, TopicStatus>>()
  return {
    connectors: () => [...new Set([...connectors.keys(), ...tasks.keys()])],
    connector: (name) => connectors.get(name),
    task: (connector, task) => tasks.get(connector)?.get(task),
    tasks: (connector) => [...(tasks.get(connector) ?? [])].sort(([a], [b]) => a - b),
    putConnector(name, status, late) {
      if (late === undefined || mayReplace(connectors.get(name), status)) connectors.set(name, status)
    },
    putTask(connector, task, status, late) {
      const known = tasks.get(connector) ?? new Map<number, InstanceStatus>()
      if (late !== undefined && !mayReplace(known.get(task), status)) return
      tasks.set(connector, known.set(task, status))
    },
    deleteConnector(name) {
      connectors.delete(name)
      tasks.delete(name)
    },
    deleteTask(connector, task) {
      tasks.get(connector)?.delete(task)
    },
    topics: (connector) => [...(topics.get(connector)?.values() ?? [])],
    putTopic(status) {
      const known = topics.get(status.connector) ?? new Map<string, TopicStatus>()
      topics.set(status.connector, known.set(status.topic, status))
    },
    deleteTopics(connector) {
      topics.delete(connector)
    },
    async flush() {},
    async [Symbol.asyncDispose]() {},
  }
}
