import type { Admin, Producer, RecordBytes, RecordHeader } from '@isthmus/kafka'
import { ConnectError, type MaybePromise } from '@isthmus/sdk'
import { deadLetterProps } from '../../config/clients.ts'
import type { DeadLetterConfig } from '../../config/dead-letter.ts'
import type { Logger } from '../../log/log.ts'
import { sendStalls } from '../../log/stalls.ts'
import { withoutSecrets } from '../../secrets/secrets.ts'
import { javaClassOf, messageOf, traceOf } from '../../text/trace.ts'
import { clientLogs } from '../kafka.ts'
import type { Meter } from '../meter.ts'
import type { TaskParts } from '../parts.ts'
import type { Failure } from './tolerance.ts'

/** A record that failed as it was before any of the connector's plugins saw it, or as near as its converters come. */
export interface OriginalRecord {
  readonly key: RecordBytes
  readonly value: RecordBytes
  readonly headers: readonly RecordHeader[]
  /** null: now. */
  readonly timestamp: number | null
  /** Where it came from: the first of the context headers, in this order. */
  readonly origin: readonly (readonly [name: string, value: string])[]
}

/** What waits for the broker's word on one dead letter. */
interface DeadLetter {
  readonly sent: PromiseWithResolvers<void>
}

export interface DeadLetterQueue<O> {
  /** Resolves when the broker has what is kept of the record, or when that failed and was logged. */
  send(failure: Failure<O>): Promise<void>
  /** Settles when the producer has every dead letter so far; undefined: it has. Never rejects. */
  room(): Promise<void> | undefined
}

interface DeadLetterParts<O> {
  readonly topic: string
  readonly contextHeaders: boolean
  readonly connector: string
  readonly task: number
  readonly originalOf: (origin: O) => MaybePromise<OriginalRecord>
  readonly producer: Pick<Producer<DeadLetter>, 'enqueue'>
  readonly meter: Pick<Meter, 'error'>
  readonly log: Logger
}

/** The dead letter queue that a connector's config asks for, its topic created; null without one. */
export async function openDeadLetterQueue<O>(
  { spec, connectorProps, hostPort, kafka, stack, context }: TaskParts,
  config: DeadLetterConfig,
  originalOf: DeadLetterParts<O>['originalOf'],
): Promise<DeadLetterQueue<O> | null> {
  const topic = config['errors.deadletterqueue.topic.name'].trim()
  if (topic === '') return null
  const logs = clientLogs((name) => hostPort.logger(name, context))
  const props = deadLetterProps({ worker: spec.worker.props, connector: connectorProps }, spec)
  {
    await using adminCluster = kafka.openCluster(props.admin, logs)
    const replicationFactor = config['errors.deadletterqueue.topic.replication.factor']
    await createDeadLetterTopic(kafka.openAdmin(adminCluster), topic, replicationFactor)
  }
  const cluster = stack.use(kafka.openCluster(props.producer, logs))
  const log = hostPort.logger('org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter', context)
  const producer = stack.use(
    kafka.openProducer<DeadLetter>(cluster, props.producer, {
      stalled: sendStalls(log, `of the dead letter queue ${topic}`),
      acknowledged({ error, tokens }) {
        for (const { sent } of tokens) {
          if (error === null) sent.resolve()
          else sent.reject(error)
        }
      },
    }),
  )
  return queueOver({
    topic,
    contextHeaders: config['errors.deadletterqueue.context.headers.enable'],
    connector: spec.connector,
    task: spec.task,
    originalOf,
    producer,
    meter: hostPort.meter,
    log,
  })
}

/** Looked for first: whoever may write to the topic need not be allowed to create topics. */
async function createDeadLetterTopic(
  admin: Pick<Admin, 'describeTopics' | 'createTopics'>,
  topic: string,
  replicationFactor: number,
): Promise<void> {
  const failed = (cause: unknown) =>
    new ConnectError('connect', `Could not initialize dead letter queue with topic=${topic}`, { cause })
  try {
    const found = (await admin.describeTopics([topic])).get(topic)
    if (found !== undefined && !('kafka' in found)) return
  } catch (cause) {
    throw failed(cause)
  }
  const error = (await admin.createTopics([{ name: topic, partitions: 1, replicationFactor }])).get(topic)
  if (error !== null && error !== undefined && error.kafka !== 'TOPIC_ALREADY_EXISTS') throw failed(error)
}

function queueOver<O>(parts: DeadLetterParts<O>): DeadLetterQueue<O> {
  const { topic, producer, meter, log } = parts
  /** One after the other, so that they stay in order where some have to wait for room. */
  let entering: Promise<void> = Promise.resolve()
  let outside = 0
  const enter = async (failure: Failure<O>, deadLetter: DeadLetter): Promise<void> => {
    try {
      const { key, value, timestamp, origin, headers } = await parts.originalOf(failure.origin)
      const all = parts.contextHeaders ? [...headers, ...contextOf(failure, origin, parts)] : headers
      for (;;) {
        const full = producer.enqueue(topic, null, timestamp, key, value, all, deadLetter)
        if (full === undefined) break
        await full
      }
    } catch (error) {
      deadLetter.sent.reject(error)
    }
    outside--
  }
  return {
    async send(failure) {
      const deadLetter: DeadLetter = { sent: Promise.withResolvers() }
      meter.error('deadletterqueue-produce-requests')
      outside++
      entering = entering.then(() => enter(failure, deadLetter))
      try {
        await deadLetter.sent.promise
      } catch (error) {
        meter.error('deadletterqueue-produce-failures')
        log.error(`Could not produce message to dead letter queue. topic=${topic}`, error)
      }
    },
    room: () => (outside === 0 ? undefined : entering),
  }
}

const PREFIX = '__connect.errors.'

/** In Java's order, as UTF-8 text. */
function contextOf<O>(
  { stage, executing, error }: Failure<O>,
  origin: OriginalRecord['origin'],
  { connector, task }: DeadLetterParts<O>,
): RecordHeader[] {
  const entries: (readonly [string, string | null])[] = [
    ...origin,
    ['connector.name', connector],
    ['task.id', String(task)],
    ['stage', stage],
    ['class.name', executing],
    ['exception.class.name', javaClassOf(error)],
    ['exception.message', withoutSecrets(messageOf(error)) || null],
    ['exception.stacktrace', withoutSecrets(traceOf(error))],
  ]
  return entries.map(([name, value]) => ({ key: PREFIX + name, value }))
}
