import type { Admin, FetchedRecord, Producer, RecordHeader } from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import type { Logger } from '../log.ts'
import { javaClassOf, messageOf, traceOf } from '../trace.ts'
import type { Failure } from './tolerance.ts'

/** A record as it was consumed: what dead letters hold and offsets refer to. */
export interface Consumed {
  readonly topic: string
  readonly partition: number
  readonly record: FetchedRecord
}

/** What waits for the broker's word on one dead letter. */
export interface Letter {
  readonly sent: PromiseWithResolvers<void>
}

export interface DeadLetters {
  /** Sends the record as it was consumed; resolves when the broker has it, or when that failed and was logged. */
  send(failure: Failure<Consumed>): Promise<void>
}

export interface DeadLetterParts {
  readonly topic: string
  readonly contextHeaders: boolean
  readonly connector: string
  readonly task: number
  readonly producer: Pick<Producer<Letter>, 'enqueue'>
  readonly log: Logger
}

export async function createDeadLetterTopic(
  admin: Admin,
  topic: string,
  replicationFactor: number,
): Promise<void> {
  const error = (await admin.createTopics([{ name: topic, partitions: 1, replicationFactor }])).get(topic)
  if (error !== null && error !== undefined && error.kafka !== 'TOPIC_ALREADY_EXISTS')
    throw new ConnectError('connect', `Could not initialize dead letter queue with topic=${topic}`, {
      cause: error,
    })
}

export function openDeadLetters(parts: DeadLetterParts): DeadLetters {
  const { topic, producer, log } = parts
  return {
    async send(failure) {
      const { record } = failure.origin
      const sent = Promise.withResolvers<void>()
      const headers = parts.contextHeaders
        ? [...record.headers, ...contextOf(failure, parts)]
        : record.headers
      try {
        for (;;) {
          const full = producer.enqueue(
            topic,
            null,
            record.timestamp < 0 ? null : record.timestamp,
            record.key,
            record.value,
            headers,
            {
              sent,
            },
          )
          if (full === undefined) break
          await full
        }
        await sent.promise
      } catch (error) {
        log.error(`Could not produce message to dead letter queue. topic=${topic}`, error)
      }
    },
  }
}

const PREFIX = '__connect.errors.'

/** In Java's order, as UTF-8 text. */
function contextOf(
  { origin, stage, executing, error }: Failure<Consumed>,
  { connector, task }: DeadLetterParts,
): RecordHeader[] {
  const entries: [string, string | null][] = [
    ['topic', origin.topic],
    ['partition', String(origin.partition)],
    ['offset', String(origin.record.offset)],
    ['connector.name', connector],
    ['task.id', String(task)],
    ['stage', stage],
    ['class.name', executing],
    ['exception.class.name', javaClassOf(error)],
    ['exception.message', messageOf(error) || null],
    ['exception.stacktrace', traceOf(error)],
  ]
  return entries.map(([name, value]) => ({ key: PREFIX + name, value }))
}
