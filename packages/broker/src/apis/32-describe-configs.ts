import { describeConfigs } from '@isthmus/protocol/apis'
import { type BrokerConfigEntry, brokerConfigEntries } from '../broker-config.ts'
import type { BrokerContext, Call } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, RequestError } from '../request-error.ts'
import { CONFIG_TYPE, topicConfigEntries } from '../topics/config.ts'
import { RESOURCE } from './config-resource.ts'

/** v3: config types and documentation, of which there is none here */
export const describeConfigsEndpoint = endpoint(describeConfigs, (broker, request, call) => ({
  results: request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
    try {
      const entries = entriesOf(broker, resourceType, resourceName, call)
      return {
        errorCode: 0,
        errorMessage: null,
        resourceType,
        resourceName,
        configs: entries
          .filter(({ name }) => configurationKeys === null || configurationKeys.includes(name))
          .map(({ name, value, readOnly, source, type, synonyms }) => ({
            name,
            value,
            readOnly,
            configSource: source,
            isSensitive: false,
            synonyms: request.includeSynonyms ? synonyms : [],
            configType: CONFIG_TYPE[type],
            documentation: null,
          })),
      }
    } catch (error) {
      const refusal = { errorCode: errorCodeOf(error), errorMessage: messageOf(error) }
      return { ...refusal, resourceType, resourceName, configs: [] }
    }
  }),
}))

function entriesOf(
  broker: BrokerContext,
  type: number,
  name: string,
  call: Call,
): readonly BrokerConfigEntry[] {
  switch (type) {
    case RESOURCE.topic: {
      const topic = broker.topics.named(name)
      if (!topic) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
      return topicConfigEntries(broker.topics.defaults, topic.overrides)
    }
    case RESOURCE.broker:
      if (name !== '' && name !== String(broker.nodeId))
        throw new RequestError(
          'INVALID_REQUEST',
          `Unexpected broker id, expected ${broker.nodeId} or empty string, but received ${name}`,
        )
      // the empty name asks for the cluster-wide defaults that were set at run time: none can be
      return name === '' ? [] : brokerConfigEntries(broker, call.local)
    case RESOURCE.brokerLogger:
    case RESOURCE.clientMetrics:
    case RESOURCE.group:
      return []
    default:
      throw new RequestError('INVALID_REQUEST', `Unsupported resource type: ${type}`)
  }
}
