import type { ResponseOf } from '@isthmus/protocol'
import {
  createPartitions,
  createTopics,
  deleteTopics,
  describeConfigs,
  incrementalAlterConfigs,
} from '@isthmus/protocol/apis/client'
import { itemError, onController, optional, settleEach, throwItem } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { TopicInfo } from '../cluster/topology.ts'
import { KafkaError } from '../errors.ts'

const CONTROLLER = { to: 'controller' } as const
const ANY = { to: 'any' } as const
const TOPIC = 2
/** The source of a value that was set for the topic itself. */
const OF_THE_TOPIC = 1
const SET = 0
const DELETE = 1

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default. */
  readonly partitions: number
  /** -1: the broker's default. */
  readonly replicationFactor: number
  readonly configs?: { readonly [name: string]: string }
}
/** The part of `Admin` about topics. */
export interface TopicAdmin {
  createTopics(
    topics: readonly NewTopic[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, KafkaError | null>>
  deleteTopics(
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, KafkaError | null>>
  /** `total` counts those there are. */
  createPartitions(topic: string, total: number, signal?: AbortSignal): Promise<void>
  /** As they are now; the error of those that cannot be had (UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED). */
  describeTopics(
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, TopicInfo | KafkaError>>
  /** Effective values by name, of a topic. */
  topicConfigs(topic: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string | null>>
  /** Those of them that were set for the topic, whatever the broker's are. */
  topicOverrides(topic: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string | null>>
  /** Sets the given, null removes. */
  alterTopicConfigs(
    topic: string,
    configs: { readonly [name: string]: string | null },
    signal?: AbortSignal,
  ): Promise<void>
}

/** `timeoutMs` is how long the broker may take over one request. */
export function topicAdmin(cluster: Cluster, timeoutMs: number): TopicAdmin {
  async function refreshed<T>(names: readonly string[], work: Promise<T>): Promise<T> {
    try {
      return await work
    } finally {
      cluster.refresh(names)
    }
  }

  function configsOf(topic: string, signal: AbortSignal | undefined): Promise<readonly ConfigEntry[]> {
    return cluster.retry(async (s) => {
      const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }]
      const answer = await cluster.request(describeConfigs, { resources }, ANY, { signal: s })
      return answer.results.flatMap(({ errorCode, errorMessage, configs }) => {
        throwItem(itemError(errorCode, `Reading the configuration of ${topic}`, errorMessage))
        return configs
      })
    }, optional(signal))
  }

  return {
    createTopics(topics, signal) {
      const byName = new Map(topics.map((topic) => [topic.name, topic]))
      return settleEach(
        cluster,
        [...byName.keys()],
        async (names, s) => {
          const wanted = names.map((name) => requestOf(byName.get(name) as NewTopic))
          const answer = await cluster.request(createTopics, { topics: wanted, timeoutMs }, CONTROLLER, {
            signal: s,
          })
          return outcomes(answer.topics, 'Creating topic')
        },
        signal,
      )
    },
    deleteTopics(names, signal) {
      const work = settleEach(
        cluster,
        [...new Set(names)],
        async (open, s) => {
          const body = { topics: open.map((name) => ({ name })), topicNames: open, timeoutMs }
          const answer = await cluster.request(deleteTopics, body, CONTROLLER, { signal: s })
          return outcomes(answer.responses, 'Deleting topic')
        },
        signal,
      )
      return refreshed(names, work)
    },
    createPartitions(topic, total, signal) {
      const work = onController(
        cluster,
        async (s) => {
          const body = { topics: [{ name: topic, count: total, assignments: null }], timeoutMs }
          const answer = await cluster.request(createPartitions, body, CONTROLLER, { signal: s })
          for (const error of outcomes(answer.results, 'Adding partitions to topic').values())
            throwItem(error)
        },
        signal,
      )
      return refreshed([topic], work)
    },
    async describeTopics(names, signal) {
      cluster.refresh(names)
      const found = new Map<string, TopicInfo | KafkaError>()
      await Promise.all(
        names.map(async (name) => {
          try {
            found.set(name, await cluster.retry((s) => lookUp(cluster, name, s), optional(signal)))
          } catch (error) {
            if (signal?.aborted || !(error instanceof KafkaError)) throw error
            found.set(name, error)
          }
        }),
      )
      return found
    },
    topicConfigs: async (topic, signal) => valuesOf(await configsOf(topic, signal)),
    async topicOverrides(topic, signal) {
      const configs = await configsOf(topic, signal)
      return valuesOf(configs.filter(({ configSource }) => configSource === OF_THE_TOPIC))
    },
    alterTopicConfigs(topic, configs, signal) {
      const changes = Object.entries(configs).map(([name, value]) => ({
        name,
        configOperation: value === null ? DELETE : SET,
        value,
      }))
      return onController(
        cluster,
        async (s) => {
          const resources = [{ resourceType: TOPIC, resourceName: topic, configs: changes }]
          const answer = await cluster.request(incrementalAlterConfigs, { resources }, CONTROLLER, {
            signal: s,
          })
          for (const { errorCode, errorMessage } of answer.responses)
            throwItem(itemError(errorCode, `Changing the configuration of ${topic}`, errorMessage))
        },
        signal,
      )
    },
  }
}

type ConfigEntry = ResponseOf<typeof describeConfigs>['results'][number]['configs'][number]

const valuesOf = (configs: readonly ConfigEntry[]): ReadonlyMap<string, string | null> =>
  new Map(configs.map(({ name, value }) => [name, value]))

async function lookUp(cluster: Cluster, name: string, signal: AbortSignal): Promise<TopicInfo> {
  try {
    return await cluster.topic(name, { signal, timeoutMs: 0 })
  } catch (error) {
    const { kafka, message } = error as KafkaError
    throw kafka === 'UNKNOWN_TOPIC_OR_PARTITION' ? new KafkaError(kafka, message) : error
  }
}
function requestOf(topic: NewTopic) {
  const configs = Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value }))
  return {
    name: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: topic.replicationFactor,
    configs,
  }
}
function outcomes(
  answers: readonly { name: string | null; errorCode: number; errorMessage: string | null }[],
  doing: string,
): ReadonlyMap<string, KafkaError | null> {
  return new Map(
    answers.map(({ name, errorCode, errorMessage }) => [
      name ?? '',
      itemError(errorCode, `${doing} ${name}`, errorMessage),
    ]),
  )
}
