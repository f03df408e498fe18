import { NO_UUID } from '@isthmus/protocol'
import { deleteTopics } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'

/** v6: topics are named or given by id */
export const deleteTopicsEndpoint = endpoint(deleteTopics, (broker, request, call) => {
  const wanted: { name: string | null; topicId: string }[] =
    call.version < 6 ? request.topicNames.map((name) => ({ name, topicId: NO_UUID })) : request.topics
  const counts = new Map<string, number>()
  for (const { name, topicId } of wanted) {
    const key = name ?? topicId
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const distinct = wanted.filter(
    ({ name, topicId }, at) => wanted.findIndex((w) => w.name === name && w.topicId === topicId) === at,
  )
  return {
    responses: distinct.map(({ name, topicId }) => {
      const topic = name === null ? broker.topics.withId(topicId) : broker.topics.named(name)
      try {
        if (name !== null && topicId !== NO_UUID)
          throw new RequestError('INVALID_REQUEST', 'You may not specify both topic name and topic id.')
        if ((counts.get(name ?? topicId) ?? 0) > 1)
          throw new RequestError('INVALID_REQUEST', `Duplicate topic ${name === null ? 'id' : 'name'}.`)
        if (!topic) throw new RequestError(name === null ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION')
        broker.topics.delete(topic)
        broker.coordinators.topicDeleted(topic.name)
        return { name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null }
      } catch (error) {
        return { name, topicId, errorCode: errorCodeOf(error), errorMessage: messageOf(error) }
      }
    }),
  }
})
