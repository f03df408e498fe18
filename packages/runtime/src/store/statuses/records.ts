/** The records of the status topic, as Java's KafkaStatusBackingStore writes and reads them. */

import type { InstanceStatus, TopicStatus } from '../../state/status.ts'
import { jsonText } from '../../text/json-text.ts'
import { parseNumbered } from '../numbered-key.ts'

export type StatusKey =
  | { readonly kind: 'connector'; readonly connector: string }
  | { readonly kind: 'task'; readonly connector: string; readonly task: number }
  | { readonly kind: 'topic'; readonly connector: string; readonly topic: string }

const CONNECTOR = 'status-connector-'
const TASK = 'status-task-'
const TOPIC = 'status-topic-'
const OF_CONNECTOR = ':connector-'

export function formatStatusKey(key: StatusKey): string {
  switch (key.kind) {
    case 'connector':
      return CONNECTOR + key.connector
    case 'task':
      return `${TASK}${key.connector}-${key.task}`
    case 'topic':
      return TOPIC + key.topic + OF_CONNECTOR + key.connector
    default:
      return key satisfies never
  }
}

/** Null for keys of no known kind. */
export function parseStatusKey(text: string): StatusKey | null {
  if (text.startsWith(CONNECTOR)) return { kind: 'connector', connector: text.slice(CONNECTOR.length) }
  if (text.startsWith(TASK)) {
    const id = parseNumbered(text.slice(TASK.length))
    return id && { kind: 'task', ...id }
  }
  if (!text.startsWith(TOPIC)) return null
  // topics have no colons in their names
  const rest = text.slice(TOPIC.length)
  const end = rest.indexOf(':')
  if (end === -1 || !rest.startsWith(OF_CONNECTOR, end)) return null
  return { kind: 'topic', topic: rest.slice(0, end), connector: rest.slice(end + OF_CONNECTOR.length) }
}

/** `version` is null before 4.1, and read so where it is absent. */
export const formatStatus = (status: InstanceStatus): string =>
  jsonText({
    state: status.state,
    trace: status.state === 'FAILED' ? status.trace : null,
    worker_id: status.workerId,
    generation: status.generation,
    version: status.version,
  })

export const formatTopicStatus = ({ topic, connector, task, discoverTimestamp }: TopicStatus): string =>
  jsonText({ topic: { name: topic, connector, task, discoverTimestamp } })

const STATES = new Set(['UNASSIGNED', 'RUNNING', 'PAUSED', 'FAILED', 'RESTARTING', 'STOPPED'])

/** Null for what no worker has written. */
export function parseStatus(text: string): InstanceStatus | null {
  const { state, trace, worker_id, generation, version } = fieldsOf(text)
  if (typeof state !== 'string' || !STATES.has(state)) return null
  if (typeof worker_id !== 'string' || !Number.isInteger(generation)) return null
  const seen = {
    workerId: worker_id,
    generation: generation as number,
    version: typeof version === 'string' ? version : null,
  }
  return state === 'FAILED'
    ? { ...seen, state, trace: typeof trace === 'string' ? trace : '' }
    : { ...seen, state: state as Exclude<InstanceStatus['state'], 'FAILED'> }
}

export function parseTopicStatus(text: string): TopicStatus | null {
  const { name, connector, task, discoverTimestamp } = fieldsOf(fieldsOf(text)['topic'])
  if (typeof name !== 'string' || typeof connector !== 'string') return null
  return {
    topic: name,
    connector,
    task: Number(task ?? 0),
    discoverTimestamp: Number(discoverTimestamp ?? 0),
  }
}

type Fields = { readonly [name: string]: unknown }

function fieldsOf(value: unknown): Fields {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : {}
  } catch {
    return {}
  }
}
