import { alterConfigs } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'
import { validateTopicConfigs } from '../topics/config.ts'
import { changeableTopic } from './config-resource.ts'

/** Replaces all configs of a topic by those given: what is absent takes its default again. */
export const alterConfigsEndpoint = endpoint(alterConfigs, (broker, request) => ({
  responses: request.resources.map(({ resourceType, resourceName, configs }) => {
    try {
      const topic = changeableTopic(broker, resourceType, resourceName)
      const overrides: Record<string, string> = {}
      for (const { name, value } of configs) {
        if (value === null)
          throw new RequestError('INVALID_REQUEST', `Null value not supported for : ${name}`)
        overrides[name] = value
      }
      validateTopicConfigs(overrides)
      if (!request.validateOnly) broker.topics.configure(topic, overrides)
      return { errorCode: 0, errorMessage: null, resourceType, resourceName }
    } catch (error) {
      return { errorCode: errorCodeOf(error), errorMessage: messageOf(error), resourceType, resourceName }
    }
  }),
}))
