import assert from 'node:assert/strict'
import { type Cluster, type FetchedRecord, openAdmin, openFetcher, type TopicPartition } from '@isthmus/kafka'
import { ABORTED, type Clock, contentOf, TOPIC_NAMES, TOPICS, type Topic } from './records.ts'

/** A partition as it was read: the numbers of its records, and their offsets, in its order. */
export interface Contents {
  readonly topic: Topic
  readonly partition: number
  readonly numbers: readonly number[]
  readonly offsets: readonly number[]
}

/** Polls of a second each, one after the other without an answer. */
const SILENT_POLLS = 30

export const partitionsOf = (topic: Topic) =>
  Array.from({ length: TOPICS[topic].partitions }, (_, partition) => ({ topic, partition }))
export const allPartitions = TOPIC_NAMES.flatMap(partitionsOf)

/** Reads partitions to their ends. Each record is what was sent under its number, and no record of an aborted transaction is there. */
export async function readContents(
  cluster: Cluster,
  clock: Clock,
  partitions: readonly { readonly topic: Topic; readonly partition: number }[] = allPartitions,
): Promise<readonly Contents[]> {
  const contents = partitions.map(({ topic, partition }) => ({
    topic,
    partition,
    numbers: [] as number[],
    offsets: [] as number[],
  }))
  const byName = new Map(contents.map((one) => [`${one.topic}-${one.partition}`, one]))
  await readAll(cluster, partitions, ({ topic, partition }, record) => {
    const one = byName.get(`${topic}-${partition}`)
    assert.ok(one !== undefined)
    one.numbers.push(checked(one.topic, partition, record, clock))
    one.offsets.push(record.offset)
  })
  return contents
}

/** Reads what is committed in partitions, to their ends. */
export async function readAll(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  take: (partition: TopicPartition, record: FetchedRecord) => void,
): Promise<void> {
  const ends = await openAdmin(cluster).listOffsets(partitions, 'latest')
  await using fetcher = openFetcher(cluster, {
    'isolation.level': 'read_committed',
    'max.poll.records': '5000',
  })
  fetcher.assign(partitions.map(({ topic, partition }) => ({ topic, partition, offset: 0 })))
  const isRead = (): boolean =>
    ends.every(({ topic, partition, offset }) => (fetcher.position(topic, partition) ?? 0) >= offset)
  for (let silent = 0; !isRead(); ) {
    const batches = await fetcher.poll(1000)
    silent = batches.length === 0 ? silent + 1 : 0
    assert.ok(silent < SILENT_POLLS, 'records cannot be read')
    for (const batch of batches) {
      assert.equal(batch.timestampType, 'CreateTime')
      for (const record of batch.records) take(batch, record)
    }
  }
}

/** The number of a record that is what was sent under it. */
function checked(topic: Topic, partition: number, record: FetchedRecord, clock: Clock): number {
  const number = clock.numberOf(record.timestamp)
  const place = `${topic}-${partition} at offset ${record.offset}, number ${number}`
  assert.notEqual(number, ABORTED, `${place} was aborted`)
  assert.equal(number % TOPICS[topic].partitions, partition, `${place} is in another partition`)
  const sent = contentOf(topic, number)
  const isSame =
    same(record.key, sent.key) &&
    same(record.value, sent.value) &&
    record.headers.length === sent.headers.length &&
    record.headers.every(
      ({ key, value }, at) => key === sent.headers[at]?.key && same(value, sent.headers[at].value),
    )
  if (!isSame) assert.deepEqual(textsOf(record), textsOf(sent), place)
  return number
}

const same = (one: Buffer | null, other: Buffer | null): boolean =>
  one === null || other === null ? one === other : one.equals(other)

const textsOf = ({ key, value, headers }: ReturnType<typeof contentOf>) => ({
  key: key && String(key),
  value: value && String(value),
  headers: headers.map((header) => [header.key, header.value && String(header.value)]),
})
