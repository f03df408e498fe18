import { incrementalAlterConfigs } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'
import { type TopicOverrides, topicConfigDefs, validateTopicConfigs } from '../topics/config.ts'
import { changeableTopic } from './config-resource.ts'

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

interface Change {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

/** Changes single configs of a topic; all of a resource's changes happen, or none. */
export const incrementalAlterConfigsEndpoint = endpoint(incrementalAlterConfigs, (broker, request) => ({
  responses: request.resources.map(({ resourceType, resourceName, configs }) => {
    try {
      const topic = changeableTopic(broker, resourceType, resourceName)
      const overrides = changed(topic.overrides, broker.topics.defaults, configs)
      validateTopicConfigs(overrides)
      if (!request.validateOnly) broker.topics.configure(topic, overrides)
      return { errorCode: 0, errorMessage: null, resourceType, resourceName }
    } catch (error) {
      return { errorCode: errorCodeOf(error), errorMessage: messageOf(error), resourceType, resourceName }
    }
  }),
}))

function changed(
  overrides: TopicOverrides,
  defaults: TopicOverrides,
  changes: readonly Change[],
): TopicOverrides {
  const result: Record<string, string> = { ...overrides }
  const seen = new Set<string>()
  for (const { name, configOperation, value } of changes) {
    if (seen.has(name)) throw new RequestError('INVALID_REQUEST', 'Error due to duplicate config keys')
    seen.add(name)
    if (configOperation === DELETE) {
      delete result[name]
      continue
    }
    if (value === null) throw new RequestError('INVALID_REQUEST', `Null value not supported for : ${name}`)
    if (configOperation === SET) {
      result[name] = value
      continue
    }
    const def = topicConfigDefs[name]
    if (configOperation !== APPEND && configOperation !== SUBTRACT)
      throw new RequestError('INVALID_REQUEST', `Unknown operation type ${configOperation}`)
    if (def?.type !== 'LIST')
      throw new RequestError(
        'INVALID_CONFIG',
        `Can't ${configOperation === APPEND ? 'APPEND' : 'SUBTRACT'} to key ${name} because its type is not LIST.`,
      )
    const before = (result[name] ?? defaults[name] ?? def.fallback).split(',').filter((item) => item !== '')
    const items = value.split(',').filter((item) => item !== '')
    const after =
      configOperation === APPEND
        ? [...new Set([...before, ...items])]
        : before.filter((item) => !items.includes(item))
    result[name] = after.join(',')
  }
  return result
}
