import type { Admin, KafkaError } from '@isthmus/kafka'
import { ConnectError, type Props, withoutPrefix } from '@isthmus/sdk'
import type { Logger } from '../log.ts'

/** A topic in which a group of workers keeps its state. */
export interface InternalTopic {
  readonly name: string
  /** The property that names it. */
  readonly property: 'config.storage.topic' | 'offset.storage.topic' | 'status.storage.topic'
  readonly partitions: number
  readonly replicationFactor: number
  /** Further configs of the topic when it is created. */
  readonly configs: Props
}

/** What would be lost with a topic that is not compacted, in Java's words. */
const PURPOSE = {
  'config.storage.topic': 'connector configurations',
  'offset.storage.topic': 'source connector offsets',
  'status.storage.topic': 'connector and task statuses',
} as const

/** Properties of the worker that are not configs of the topic. */
const OWN = new Set(['topic', 'partitions', 'replication.factor', 'cleanup.policy'])

/** `config.storage.retention.ms` and the like, of a worker's properties. */
export const topicConfigsIn = (worker: Props, prefix: string): Props =>
  Object.fromEntries(Object.entries(withoutPrefix(worker, prefix)).filter(([name]) => !OWN.has(name)))

const RETRY_MS = 1000
/** A worker that may not create or look at topics finds them made by somebody who may. */
const LEFT_TO_OTHERS = new Set([
  'UNSUPPORTED_VERSION',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
])
/** Brokers that are still coming up. */
const TOO_EARLY = new Set(['INVALID_REPLICATION_FACTOR', 'TIMED_OUT', 'REQUEST_TIMED_OUT'])

/**
 * Creates the topic unless it is there, and refuses one that is not compacted. Brokers that cannot create it yet are asked again for
 * `patienceMs`.
 */
export async function ensureTopic(
  admin: Pick<Admin, 'createTopics' | 'topicConfigs'>,
  topic: InternalTopic,
  { log, patienceMs, signal }: { log: Logger; patienceMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const error = await create(admin, topic, { log, patienceMs, signal })
  if (error === null) {
    log.info(`Created topic ${topic.name} for ${topic.property}`)
    return
  }
  if (LEFT_TO_OTHERS.has(error.kafka)) {
    log.info(`Topic ${topic.name} is assumed to exist: creating it is not possible (${error.message})`)
    return
  }
  if (error.kafka !== 'TOPIC_ALREADY_EXISTS')
    throw new ConnectError('connect', `Unable to create topic '${topic.name}' for ${topic.property}`, {
      cause: error,
    })
  let policy: string | null | undefined
  try {
    policy = (await admin.topicConfigs(topic.name, signal)).get('cleanup.policy')
  } catch (cause) {
    log.info(`The cleanup policy of topic ${topic.name} cannot be looked up: ${(cause as Error).message}`)
    return
  }
  if (policy === undefined || policy === null || policy.trim() === 'compact') return
  const purpose = PURPOSE[topic.property]
  throw new ConnectError(
    'config',
    `Topic '${topic.name}' supplied via the '${topic.property}' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of ${purpose}, but found the topic currently has 'cleanup.policy=${policy}'. Continuing would likely result in eventually losing ${purpose} and problems restarting this Connect cluster in the future. Change the '${topic.property}' property in the Connect worker configurations to use a topic with 'cleanup.policy=compact'.`,
  )
}

async function create(
  admin: Pick<Admin, 'createTopics'>,
  { name, partitions, replicationFactor, configs }: InternalTopic,
  { log, patienceMs, signal }: { log: Logger; patienceMs: number; signal?: AbortSignal | undefined },
): Promise<KafkaError | null> {
  const wanted = {
    name,
    partitions,
    replicationFactor,
    configs: { ...configs, 'cleanup.policy': 'compact' },
  }
  const deadline = Date.now() + patienceMs
  for (let attempt = 1; ; attempt++) {
    const error = (await admin.createTopics([wanted], signal)).get(name) ?? null
    if (error === null || !TOO_EARLY.has(error.kafka) || Date.now() > deadline) return error
    if (attempt === 1)
      log.warn(
        `Topic ${name} cannot be created with replication factor ${replicationFactor} yet: ${error.message}. It is tried again for ${patienceMs} ms.`,
      )
    const wait = Promise.withResolvers<void>()
    const timer = setTimeout(wait.resolve, RETRY_MS)
    signal?.addEventListener('abort', () => wait.resolve(), { once: true })
    await wait.promise
    clearTimeout(timer)
    signal?.throwIfAborted()
  }
}
