import { type InstanceStatus, isOutdated, mayReplace } from '../../state/status.ts'
import type { StatusStore } from '../stores.ts'
import { type OpenTopic, openTopic, type TopicParts } from '../topic/topic.ts'
import { openStatusCache } from './cache.ts'
import {
  formatStatus,
  formatStatusKey,
  formatTopicStatus,
  parseStatus,
  parseStatusKey,
  parseTopicStatus,
  type StatusKey,
} from './records.ts'
import { openStatusWriter } from './writer.ts'

/** A status that cannot be written is looked at again before the next attempt: it may be true no more. */
const ONCE = { retries: '0' }

type InstanceKey = StatusKey & { kind: 'connector' | 'task' }
interface Held {
  readonly key: InstanceKey
  readonly status: InstanceStatus
  readonly again: () => void
}

/** States of a group's connectors and tasks, in the status topic. What is known is what was read back from it. */
export async function openKafkaStatuses(
  parts: TopicParts,
  open: OpenTopic = openTopic,
): Promise<StatusStore> {
  const { log } = parts
  const cache = openStatusCache()
  /** What runs here, as it was last put. */
  const held = new Map<string, Held>()
  /**
   * Two workers may write at once: one that lets go of an instance, late, or wakes up when others have its work, and the one that has it
   * now. Who has it says so again, and so has the last word. `read` is null for what a leader has cleared away that knew of no such
   * instance yet.
   */
  const contradicts = (name: string, read: InstanceStatus | null): boolean => {
    const mine = held.get(name)
    if (mine === undefined || read?.workerId === mine.status.workerId) return false
    if (read !== null && read.state !== 'UNASSIGNED' && read.generation > mine.status.generation) return false
    mine.again()
    return true
  }
  /** What is said of a connector's tasks goes with it. */
  const repeatTasks = (connector: string) => {
    for (const one of held.values())
      if (one.key.kind === 'task' && one.key.connector === connector) one.again()
  }
  const topic = await open(
    parts,
    ({ key: name, value }) => {
      const key = parseStatusKey(name)
      if (key === null) {
        log.warn(`The status record ${name} is of no known kind; it is left out.`)
        return
      }
      if (key.kind === 'topic') {
        const status = value === null ? null : parseTopicStatus(value)
        if (value === null || status !== null) return cache.setTopic(key, status)
      } else {
        const status = value === null ? null : parseStatus(value)
        if (value === null && key.kind === 'connector') repeatTasks(key.connector)
        if ((value === null || status !== null) && contradicts(name, status)) return
        if (key.kind === 'task' && status !== null && isOutdated(cache.ofThisLife(key), status)) return
        if (value === null || status !== null) return cache.setInstance(key, status)
      }
      log.error(`The status ${name} makes no sense; it is left out: ${value?.slice(0, SHOWN)}`)
    },
    ONCE,
  )
  const writer = openStatusWriter(topic, log)

  /** Of the newest status that was put: what is left of an earlier time is not tried again. */
  let current = 0
  const put = (key: InstanceKey, status: InstanceStatus, late: number | undefined) => {
    const { generation } = status
    current = generation
    const name = formatStatusKey(key)
    if (OWN.has(status.state)) held.set(name, { key, status, again: () => put(key, status, late) })
    else held.delete(name)
    const inTime = () => late === undefined || mayReplace(cache.ofThisLife(key), status, late)
    writer.put({
      key: name,
      value: formatStatus(status),
      wanted: inTime,
      wantedAgain: () => generation === current && inTime(),
    })
  }
  const write = (key: StatusKey, value: string | null) => {
    const name = formatStatusKey(key)
    if (value === null) held.delete(name)
    writer.put({ key: name, value, wanted: always, wantedAgain: always })
  }

  return {
    ...cache.reads,
    putConnector: (connector, status, late) => put({ kind: 'connector', connector }, status, late),
    putTask: (connector, task, status, late) => put({ kind: 'task', connector, task }, status, late),
    deleteConnector(connector) {
      for (const [task] of cache.reads.tasks(connector)) write({ kind: 'task', connector, task }, null)
      write({ kind: 'connector', connector }, null)
    },
    deleteTask: (connector, task) => write({ kind: 'task', connector, task }, null),
    putTopic: (status) =>
      write({ kind: 'topic', connector: status.connector, topic: status.topic }, formatTopicStatus(status)),
    deleteTopics(connector) {
      for (const status of cache.reads.topics(connector))
        write({ kind: 'topic', connector, topic: status.topic }, null)
    },
    flush: writer.flush,
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]()
      await topic[Symbol.asyncDispose]()
    },
  }
}

const SHOWN = 1000
/** States of an instance that is there; one that is restarted may be gone for good. */
const OWN: ReadonlySet<string> = new Set(['RUNNING', 'PAUSED', 'STOPPED', 'FAILED'])
const always = () => true
