import type { BrokerContext } from '../context.ts'
import { RequestError } from '../request-error.ts'
import type { Topic } from '../topics/topics.ts'

/** The codes of ConfigResource.Type. */
export const RESOURCE = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

/** The topic whose configs are to be changed; nothing else has configs that can be. */
export function changeableTopic(broker: BrokerContext, type: number, name: string): Topic {
  if (type !== RESOURCE.topic)
    throw new RequestError(
      'INVALID_REQUEST',
      `Only configs of topics can be changed here; the others are given when the broker is started`,
    )
  const topic = broker.topics.named(name)
  if (!topic) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)
  return topic
}
