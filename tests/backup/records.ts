import assert from 'node:assert/strict'
import { type Cluster, openProducer, openTransactionalProducer, type Producer } from '@isthmus/kafka'

/**
 * What is backed up: a topic as any other; one that is compacted; and one that is written by transactions, of which some are aborted.
 */
export const TOPICS = {
  orders: { partitions: 4, share: 0.6, configs: {} },
  accounts: { partitions: 2, share: 0.15, configs: { 'cleanup.policy': 'compact' } },
  payments: { partitions: 3, share: 0.25, configs: {} },
} as const
export type Topic = keyof typeof TOPICS
export const TOPIC_NAMES = Object.keys(TOPICS) as readonly Topic[]

export interface Content {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
}

const FILLER = 'the quick brown fox jumps over the lazy dog, häßlich ✓ 🚢 '.repeat(8)

/** Each third without a key where keys are not needed, each seventh a tombstone, each fifth with headers. */
export function contentOf(topic: Topic, number: number): Content {
  const key = topic === 'accounts' ? accountOf(number) : number % 3 === 0 ? null : `key ${number % 997}`
  const value =
    number % 7 === 0 ? null : `${topic} ${number} ${FILLER.slice(0, (number * 31) % FILLER.length)}`
  return {
    key: bytesOf(key),
    value: bytesOf(value),
    headers: number % 5 === 0 ? headersOf(number) : [],
  }
}

/** Some accounts are written to often and some rarely, so that compaction leaves gaps everywhere. */
const accountOf = (number: number): string => `account ${(number % 31) * (number % 37)}`

const headersOf = (number: number) =>
  [
    ['text', `header ✓ ${number}`],
    ['number', String(number)],
    ['fraction', `${number}.5`],
    ['nothing', null],
    ['text', 'again'],
  ].map(([key, value]) => ({ key: key as string, value: bytesOf(value ?? null) }))

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))

/** A record has the time of its number, so that it is known again by its timestamp. */
export interface Clock {
  timestampOf(number: number): number
  numberOf(timestamp: number): number
}
/** Of a record that belongs to an aborted transaction. */
export const ABORTED = -1

export const clockFrom = (start: number): Clock => ({
  timestampOf: (number) => start + number,
  numberOf: (timestamp) => timestamp - start,
})

export const countOf = (topic: Topic, records: number): number => Math.floor(records * TOPICS[topic].share)

const TRANSACTION_RECORDS = 500
/** Every so many transactions one is aborted. */
const ABORTED_EVERY = 4

/**
 * Writes the records of all topics with numbers from a part of them to another one (0 to 1); resolves when all are acknowledged, the last ones
 * a moment ago: those are of the topic of which every task of a backup has partitions.
 */
export async function produce(
  cluster: Cluster,
  clock: Clock,
  records: number,
  from: number,
  to: number,
): Promise<void> {
  const failed: unknown[] = []
  const acknowledged = ({ error }: { error: unknown }): void => void (error !== null && failed.push(error))
  const range = (topic: Topic) => {
    const count = countOf(topic, records)
    return [Math.floor(count * from), Math.floor(count * to)] as const
  }
  await using transactions = await openTransactionalProducer<null>(
    cluster,
    { 'transactional.id': 'payments' },
    { acknowledged },
  )
  const [first, end] = range('payments')
  for (let number = first, count = 0; number < end; count++) {
    transactions.begin()
    const next = Math.min(end, number + TRANSACTION_RECORDS)
    const commits = count % ABORTED_EVERY !== 0
    for (let each = number; each < next; each++)
      await enqueue(transactions, 'payments', each, clock, commits ? each : ABORTED)
    await transactions.flush()
    if (commits) await transactions.commit()
    else await transactions.abort()
    if (commits) number = next
  }
  await using producer = openProducer<null>(cluster, {}, { acknowledged })
  for (const topic of ['accounts', 'orders'] as const) {
    const [first, end] = range(topic)
    for (let number = first; number < end; number++) await enqueue(producer, topic, number, clock)
  }
  await producer.flush()
  assert.deepEqual(failed, [])
}

async function enqueue(
  producer: Producer<null>,
  topic: Topic,
  number: number,
  clock: Clock,
  timed = number,
): Promise<void> {
  const { key, value, headers } = contentOf(topic, number)
  const partition = number % TOPICS[topic].partitions
  for (;;) {
    const room = producer.enqueue(topic, partition, clock.timestampOf(timed), key, value, headers, null)
    if (room === undefined) return
    await room
  }
}
