import {
  type ClientLogs,
  type ClientProps,
  type CompactedLogOptions,
  type KafkaError,
  openAdmin,
  openCluster,
  openCompactedLog,
} from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import { readStalls, sendStalls } from '../../log/stalls.ts'
import { messageOf } from '../../text/trace.ts'
import { delay } from '../../waiting.ts'
import { ensureTopic, type InternalTopic, requireOnePartition } from './setup.ts'

export interface TopicParts {
  /** Of who reads, with a client id; also of who writes and who creates, unless these are others. */
  readonly props: ClientProps
  readonly producer?: ClientProps
  readonly admin?: ClientProps
  readonly topic: InternalTopic
  readonly log: Logger
  /** Of its clients. */
  readonly logs?: ClientLogs
  readonly signal?: AbortSignal | undefined
}

export interface TextRecord {
  readonly key: string
  /** Null takes away what there is under the key. */
  readonly value: string | null
}
export interface ReadRecord extends TextRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
}

/** One of the topics in which a group of workers keeps its state. */
export interface StateTopic extends AsyncDisposable {
  /** Settles when all replicas in sync have the records, which stay in order. */
  append(records: readonly TextRecord[], signal?: AbortSignal): Promise<void>
  /** Settles when all that was in the topic at the time of the call has been applied; brokers that are away are waited for. */
  readToEnd(signal?: AbortSignal): Promise<void>
}

const SETUP_MS = 60_000
const RETRY_MS = 500

/** As Java's: one request at a time without idempotence, so that retries cannot reorder. */
const WRITING = {
  acks: 'all',
  'enable.idempotence': 'false',
  'max.in.flight.requests.per.connection': '1',
}
const AS_LONG_AS_IT_TAKES = { 'delivery.timeout.ms': '2147483647' }

export type OpenTopic = typeof openTopic

/**
 * Creates the topic or checks it, and reads it to its end once. `patience` says how its producer goes on trying.
 * Records without a key are none of ours; one that `apply` cannot take is left out. Disposal closes the connections too.
 */
export async function openTopic(
  { props, producer = props, admin = props, topic, log, logs, signal }: TopicParts,
  apply: (record: ReadRecord) => void,
  patience: ClientProps = AS_LONG_AS_IT_TAKES,
): Promise<StateTopic> {
  await using stack = new AsyncDisposableStack()
  const open = (given: ClientProps) => openCluster(given, logs && { logs })
  const cluster = stack.use(open(props))
  {
    await using other = admin === props ? null : open(admin)
    const patienceMs = Number(admin['default.api.timeout.ms'] ?? SETUP_MS)
    await ensureTopic(openAdmin(other ?? cluster), topic, { log, patienceMs, signal })
  }
  let records = 0
  const applyText: CompactedLogOptions['apply'] = ({ key, value, ...at }) => {
    records++
    if (key === null) return
    try {
      apply({ ...at, key: key.toString(), value: value?.toString() ?? null })
    } catch (error) {
      const where = `${topic.name}-${at.partition} at offset ${at.offset}`
      log.error(`The record of ${where} is left out: ${messageOf(error)}`)
    }
  }
  const { partitions } = await cluster.topic(topic.name, signal && { signal }).catch((cause) => {
    signal?.throwIfAborted()
    throw new ConnectError(
      'connect',
      `Could not look up partition metadata for topic '${topic.name}' in the allotted period. This could indicate a connectivity issue, unavailable topic partitions, or if this is your first use of the topic it may have taken too long to create. (${messageOf(cause)})`,
      { cause },
    )
  })
  requireOnePartition(topic, partitions.length)
  const writing = {
    cluster: producer === props ? cluster : stack.use(open(producer)),
    props: { ...producer, ...WRITING, ...patience },
  }
  const stalled = {
    reading: readStalls(log, `of ${topic.name}`),
    writing: sendStalls(log, `of ${topic.name}`),
  }
  const options = { topic: topic.name, apply: applyText, writing, stalled }
  const opening = openCompactedLog(cluster, props, options, signal)
  const opened = stack.use(
    await opening.catch((cause) => {
      signal?.throwIfAborted()
      const message = `Topic '${topic.name}' (${topic.property}) cannot be read: ${messageOf(cause)}`
      throw new ConnectError('connect', message, { cause })
    }),
  )
  log.debug(`${topic.name} was read to its end: ${records} record(s)`)
  const closing = new AbortController()
  const owned = stack.move()
  return {
    append: (records, s) => opened.append(records, s),
    async readToEnd(given) {
      const either = given ? AbortSignal.any([given, closing.signal]) : closing.signal
      for (let attempt = 1; ; attempt++)
        try {
          return await opened.readToEnd(given)
        } catch (error) {
          if ((error as KafkaError).retriable !== true || either.aborted) throw error
          if (attempt === 1)
            log.warn(`${topic.name} cannot be read to its end, and is tried again: ${messageOf(error)}`)
          await delay(RETRY_MS, either)
        }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await owned.disposeAsync()
    },
  }
}
