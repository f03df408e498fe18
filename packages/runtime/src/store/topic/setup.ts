import type { Admin, KafkaError } from '@isthmus/kafka'
import { ConnectError, type Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import type { Logger } from '../../log/log.ts'
import { delay } from '../../waiting.ts'

/** A topic in which a group of workers keeps its state. */
export interface InternalTopic {
  readonly name: string
  /** The property that names it. */
  readonly property:
    | 'config.storage.topic'
    | 'offset.storage.topic'
    | 'status.storage.topic'
    /** A connector's own, for its offsets. */
    | 'offsets.storage.topic'
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
  'offsets.storage.topic': 'source connector offsets',
} as const

/** Properties of the worker that are not configs of the topic. */
const OWN = new Set(['topic', 'partitions', 'replication.factor', 'cleanup.policy'])

/** `config.storage.retention.ms` and the like, of a worker's properties. */
export const topicConfigsIn = (worker: Props, prefix: string): Props =>
  Object.fromEntries(Object.entries(withoutPrefix(worker, prefix)).filter(([name]) => !OWN.has(name)))

/** A worker that may not create or look at topics finds them made by somebody who may. */
const LEFT_TO_OTHERS = new Set([
  'UNSUPPORTED_VERSION',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
])
const TIMEOUTS = new Set(['TIMED_OUT', 'REQUEST_TIMED_OUT'])
/** Brokers that are still coming up. */
const TOO_EARLY = new Set(['INVALID_REPLICATION_FACTOR', ...TIMEOUTS])
const RETRY_MS = 1000

interface Setup {
  readonly log: Logger
  readonly patienceMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Creates the topic unless it is there, and refuses one that is not compacted. Brokers that cannot create it yet are asked again for
 * `patienceMs`.
 */
export async function ensureTopic(
  admin: Pick<Admin, 'createTopics' | 'topicConfigs'>,
  topic: InternalTopic,
  setup: Setup,
): Promise<void> {
  const { log } = setup
  const error = await create(admin, topic, setup)
  if (error === null) {
    log.info(`Created topic ${topic.name} for ${topic.property}`)
    return
  }
  if (LEFT_TO_OTHERS.has(error.kafka))
    log.info(`Topic ${topic.name} is assumed to exist: creating it is not possible (${error.message})`)
  else if (error.kafka !== 'TOPIC_ALREADY_EXISTS') throw notCreated(topic, error)
  requireCompaction(topic, await policiesOf(admin, topic, error.kafka === 'TOPIC_ALREADY_EXISTS', setup))
}

async function create(
  admin: Pick<Admin, 'createTopics'>,
  { name, partitions, replicationFactor, configs }: InternalTopic,
  { log, patienceMs, signal }: Setup,
): Promise<KafkaError | null> {
  const wanted = {
    name,
    partitions,
    replicationFactor,
    configs: { ...configs, 'cleanup.policy': 'compact' },
  }
  const deadline = Date.now() + patienceMs
  for (let attempt = 1; ; attempt++) {
    const error = await admin
      .createTopics([wanted], signal)
      .then((errors) => errors.get(name) ?? null, kafkaErrorOnly)
    signal?.throwIfAborted()
    if (error === null || !TOO_EARLY.has(error.kafka) || Date.now() > deadline) return error
    if (attempt === 1)
      log.warn(
        `Topic ${name} cannot be created with replication factor ${replicationFactor} yet: ${error.message}. It is tried again for ${patienceMs} ms.`,
      )
    await delay(RETRY_MS, signal)
    signal?.throwIfAborted()
  }
}

function kafkaErrorOnly(error: KafkaError): KafkaError {
  if (error.code !== 'kafka') throw error
  return error
}

/** In Java's words, then why. */
function notCreated({ name }: InternalTopic, cause: KafkaError): ConnectError {
  const what = TIMEOUTS.has(cause.kafka)
    ? `Timed out while checking for or creating topic(s) '${name}'. This could indicate a connectivity issue, unavailable topic partitions, or if this is your first use of the topic it may have taken too long to create.`
    : cause.kafka === 'INVALID_CONFIG'
      ? `Unable to create topic(s) '${name}':`
      : `Error while attempting to create/find topic(s) '${name}':`
  return new ConnectError('connect', `${what} ${cause.message}`, { cause })
}

/** Empty when they cannot be known. `exists`: the controller knows the topic, and the broker that is asked for them will. */
async function policiesOf(
  admin: Pick<Admin, 'topicConfigs'>,
  topic: InternalTopic,
  exists: boolean,
  setup: Setup,
): Promise<readonly string[]> {
  const { name } = topic
  const { log, patienceMs, signal } = setup
  try {
    const policies = (await admin.topicConfigs(name, signal)).get('cleanup.policy') ?? ''
    return policies
      .split(',')
      .map((policy) => policy.trim())
      .filter((policy) => policy !== '')
  } catch (cause) {
    signal?.throwIfAborted()
    const { kafka, message } = cause as KafkaError
    if (exists && kafka === 'UNKNOWN_TOPIC_OR_PARTITION' && patienceMs > 0) {
      await delay(RETRY_MS, signal)
      signal?.throwIfAborted()
      return await policiesOf(admin, topic, exists, { ...setup, patienceMs: patienceMs - RETRY_MS })
    }
    // a topic that is not there yet may still be made by the broker when it is first asked for
    if (LEFT_TO_OTHERS.has(kafka) || kafka === 'UNKNOWN_TOPIC_OR_PARTITION') {
      log.info(`The cleanup policy of topic ${name} cannot be looked up: ${message}`)
      return []
    }
    throw new ConnectError('connect', `The configs of topic '${name}' cannot be looked up: ${message}`, {
      cause,
    })
  }
}

function requireCompaction({ name, property }: InternalTopic, policies: readonly string[]): void {
  if (policies.every((policy) => policy === 'compact')) return
  const purpose = PURPOSE[property]
  const where =
    property === 'offsets.storage.topic' ? 'configuration of the connector' : 'Connect worker configurations'
  throw new ConnectError(
    'config',
    `Topic '${name}' supplied via the '${property}' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of ${purpose}, but found the topic currently has 'cleanup.policy=${policies.join(',')}'. Continuing would likely result in eventually losing ${purpose} and problems restarting this Connect cluster in the future. Change the '${property}' property in the ${where} to use a topic with 'cleanup.policy=compact'.`,
  )
}

/** Only the order of one partition tells which configuration is the last. */
export function requireOnePartition({ name, property }: InternalTopic, partitions: number): void {
  if (property !== 'config.storage.topic' || partitions === 1) return
  throw new ConnectError(
    'config',
    `Topic '${name}' supplied via the '${property}' property is required to have a single partition in order to guarantee consistency of connector configurations, but found ${partitions} partitions.`,
  )
}
