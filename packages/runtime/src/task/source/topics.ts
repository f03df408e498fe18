import type { Admin } from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import type { TopicTemplates } from '../../config/topic-creation.ts'
import type { Logger } from '../../log/log.ts'

/** Makes sure of the topics a source task writes to: each is looked at once, when its first record comes. */
export interface TopicGate {
  /** Undefined when the topic is known already. */
  ensure(topic: string): Promise<void> | undefined
}

export const openGate: TopicGate = { ensure: () => undefined }

export function openTopicCreation(admin: Admin, templates: TopicTemplates, log: Logger): TopicGate {
  const known = new Set<string>()
  let last = ''
  return {
    ensure(topic) {
      if (topic === last) return undefined
      if (known.has(topic)) {
        last = topic
        return undefined
      }
      return create(admin, templates, topic, log).then(() => {
        known.add(topic)
      })
    },
  }
}

async function create(admin: Admin, templates: TopicTemplates, topic: string, log: Logger): Promise<void> {
  // looked for first: whoever may write to a topic need not be allowed to create one
  const found = (await admin.describeTopics([topic])).get(topic)
  if (found !== undefined && !('kafka' in found)) return
  if (found?.kafka === 'TOPIC_AUTHORIZATION_FAILED')
    throw new ConnectError('connect', `Not authorized to describe topic(s) '${topic}'`, { cause: found })
  const wanted = templates(topic)
  const error = (await admin.createTopics([wanted])).get(topic)
  if (error === null) {
    log.info(
      `Created topic '${topic}' with ${wanted.partitions} partitions and replication factor ${wanted.replicationFactor} (-1: the broker's default)`,
    )
    return
  }
  if (error?.kafka === 'TOPIC_ALREADY_EXISTS') return
  throw new ConnectError(
    error?.retriable === true ? 'retriable' : 'connect',
    `Task failed to create new topic ${topic}. Ensure that the task is authorized to create topics or that the topic exists and restart the task`,
    { cause: error },
  )
}
