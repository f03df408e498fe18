import type { InstanceStatus, TopicStatus } from '../../state/status.ts'
import type { StatusStore } from '../stores.ts'
import type { StatusKey } from './records.ts'

type InstanceKey = StatusKey & { kind: 'connector' | 'task' }

/** What is known of states and topics. */
export interface StatusCache {
  readonly reads: Pick<StatusStore, 'connectors' | 'connector' | 'task' | 'tasks' | 'topics' | 'joining'>
  /** Undefined also for a status of an earlier life of the group: its generation says nothing beside those of today. */
  ofThisLife(key: InstanceKey): InstanceStatus | undefined
  /** Null: there is none any more. */
  setInstance(key: InstanceKey, status: InstanceStatus | null): void
  setTopic(key: StatusKey & { kind: 'topic' }, status: TopicStatus | null): void
}

export function openStatusCache(): StatusCache {
  const connectors = new Map<string, InstanceStatus>()
  const tasks = new Map<string, Map<number, InstanceStatus>>()
  const topics = new Map<string, Map<string, TopicStatus>>()
  /** In which order statuses came to be known. */
  const order = new WeakMap<InstanceStatus, number>()
  let last = 0
  const ofEarlierLife = new WeakSet<InstanceStatus>()

  const instances = () => [
    ...connectors.values(),
    ...[...tasks.values()].flatMap((some) => [...some.values()]),
  ]

  return {
    ofThisLife(key) {
      const known =
        key.kind === 'connector' ? connectors.get(key.connector) : tasks.get(key.connector)?.get(key.task)
      return known === undefined || ofEarlierLife.has(known) ? undefined : known
    },
    setInstance(key, status) {
      if (status !== null) order.set(status, ++last)
      if (key.kind === 'task') {
        const known = tasks.get(key.connector) ?? new Map<number, InstanceStatus>()
        if (status === null) known.delete(key.task)
        else known.set(key.task, status)
        if (known.size === 0) tasks.delete(key.connector)
        else tasks.set(key.connector, known)
      } else if (status !== null) connectors.set(key.connector, status)
      else {
        connectors.delete(key.connector)
        tasks.delete(key.connector)
      }
    },
    setTopic({ connector, topic }, status) {
      const known = topics.get(connector) ?? new Map<string, TopicStatus>()
      if (status === null) known.delete(topic)
      else known.set(topic, status)
      if (known.size === 0) topics.delete(connector)
      else topics.set(connector, known)
    },
    reads: {
      connectors: () => [...new Set([...connectors.keys(), ...tasks.keys()])],
      connector: (name) => connectors.get(name),
      task: (connector, task) => tasks.get(connector)?.get(task),
      tasks: (connector) => [...(tasks.get(connector) ?? [])].sort(([a], [b]) => a - b),
      topics: (connector) => [...(topics.get(connector)?.values() ?? [])],
      joining() {
        const before = last
        return (generation) => {
          // this is the group's newest generation, or was when the answer came: in this life it has had no later one before
          for (const one of instances())
            if (one.generation > generation && (order.get(one) ?? 0) <= before) ofEarlierLife.add(one)
        }
      },
    },
  }
}
