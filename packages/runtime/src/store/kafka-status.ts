import { setTimeout as wait } from 'node:timers/promises'
import { type InstanceStatus, mayReplace } from '../state/status.ts'
import { messageOf } from '../trace.ts'
import { openTopic, type TopicParts } from './kafka-topic.ts'
import { openStatusCache } from './status-cache.ts'
import {
  formatStatus,
  formatStatusKey,
  formatTopicStatus,
  parseStatus,
  parseStatusKey,
  parseTopicStatus,
  type StatusKey,
} from './status-records.ts'
import type { StatusStore } from './stores.ts'

/** What is still to be written for a key; a later one takes its place. */
interface Pending {
  readonly key: StatusKey
  readonly value: string | null
  /** A report that may come too late: it is dropped when another worker has taken over meanwhile. */
  readonly late: InstanceStatus | null
}

const RETRY_MS = 1000
/** What is left unwritten then, the next worker says better. */
const CLOSE_MS = 3000

/** States of a group's connectors and tasks, in the status topic. What is known is what was read back from it. */
export async function openKafkaStatuses(parts: TopicParts): Promise<StatusStore> {
  const cache = openStatusCache()
  const topic = await openTopic(parts, ({ key: name, value: text }) => {
    const key = parseStatusKey(name)
    if (key === null) return
    if (key.kind === 'topic') return cache.setTopic(key, text === null ? null : parseTopicStatus(text))
    const status = text === null ? null : parseStatus(text)
    if (text !== null && status === null) {
      parts.log.error(`The status of ${name} makes no sense and is left out: ${text}`)
      return
    }
    const known = cache.instance(key)
    if (status === null || key.kind === 'connector' || !isStale(known, status)) cache.setInstance(key, status)
  })

  let pending = new Map<string, Pending>()
  let writing: Promise<void> | null = null
  const closing = new AbortController()

  const stillTrue = ({ key, late }: Pending): boolean =>
    late === null || key.kind === 'topic' || mayReplace(cache.instance(key), late)

  const writeAll = async (): Promise<void> => {
    while (pending.size > 0 && !closing.signal.aborted) {
      const batch = pending
      pending = new Map()
      const records = [...batch].filter(([, one]) => stillTrue(one))
      try {
        await topic.append(
          records.map(([key, { value }]) => ({ key, value })),
          closing.signal,
        )
      } catch (error) {
        if (closing.signal.aborted) return
        parts.log.warn(`Statuses could not be written, and will be written again: ${messageOf(error)}`)
        // what was said meanwhile is newer
        pending = new Map([...batch, ...pending])
        await wait(RETRY_MS, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }
  const put = (key: StatusKey, value: string | null, late: InstanceStatus | null = null): void => {
    const text = formatStatusKey(key)
    // in the order of the last word on each
    pending.delete(text)
    pending.set(text, { key, value, late })
    writing ??= Promise.resolve()
      .then(writeAll)
      .finally(() => {
        writing = null
      })
  }
  const putInstance = (
    key: StatusKey & { kind: 'connector' | 'task' },
    status: InstanceStatus,
    late?: 'late',
  ) => {
    if (late !== undefined && !mayReplace(cache.instance(key), status)) return
    put(key, formatStatus(status), late === undefined ? null : status)
  }
  const flush = async (): Promise<void> => {
    while (writing !== null) await writing
  }

  return {
    ...cache.reads,
    putConnector: (connector, status, late) => putInstance({ kind: 'connector', connector }, status, late),
    putTask: (connector, task, status, late) => putInstance({ kind: 'task', connector, task }, status, late),
    deleteConnector(connector) {
      const tasks = new Set(cache.reads.tasks(connector).map(([task]) => task))
      for (const { key } of pending.values())
        if (key.kind === 'task' && key.connector === connector) tasks.add(key.task)
      for (const task of tasks) put({ kind: 'task', connector, task }, null)
      put({ kind: 'connector', connector }, null)
    },
    deleteTask: (connector, task) => put({ kind: 'task', connector, task }, null),
    putTopic: (status) =>
      put({ kind: 'topic', connector: status.connector, topic: status.topic }, formatTopicStatus(status)),
    deleteTopics(connector) {
      for (const status of cache.reads.topics(connector))
        put({ kind: 'topic', connector, topic: status.topic }, null)
    },
    flush,
    async [Symbol.asyncDispose]() {
      await Promise.race([flush(), wait(CLOSE_MS, undefined, { signal: closing.signal }).catch(() => {})])
      closing.abort()
      await topic[Symbol.asyncDispose]()
    },
  }
}

/** The last word of a worker that had the task before is no news. */
const isStale = (known: InstanceStatus | undefined, read: InstanceStatus): boolean =>
  read.state === 'UNASSIGNED' && known?.state === 'RUNNING' && known.generation >= read.generation
