import { type Cluster, openAdmin, openFetcher, openProducer } from '@isthmus/kafka'
import { makeTopics } from '../../process/new-topics.ts'
import { type Stored, textOf } from './outcome.ts'
import type { Raw } from './pipeline.ts'

/** Makes the topics, each with its number of partitions. */
export async function createTopics(
  cluster: Cluster,
  topics: readonly { readonly name: string; readonly partitions: number }[],
): Promise<void> {
  await makeTopics(
    openAdmin(cluster),
    // records of long ago are to stay
    topics.map((topic) => ({ ...topic, replicationFactor: 1, configs: { 'retention.ms': '-1' } })),
  )
}

export async function writeTopics(
  cluster: Cluster,
  topics: readonly { readonly name: string; readonly records: readonly Raw[] }[],
): Promise<void> {
  const failures: unknown[] = []
  await using producer = openProducer<null>(
    cluster,
    { 'linger.ms': '5' },
    { acknowledged: ({ error }) => error !== null && failures.push(error) },
  )
  for (const { name, records } of topics) {
    for (const { partition = 0, timestamp = null, key = null, value, headers = [] } of records) {
      const fields = headers.map(([header, bytes]) => ({ key: header, value: bytes }))
      for (;;) {
        const full = producer.enqueue(name, partition, timestamp, key, value, fields, null)
        if (full === undefined) break
        await full
      }
    }
  }
  await producer.flush()
  if (failures.length > 0) throw failures[0]
}

const READ_MS = 60_000

/** Every record of every topic that `wanted` chooses; times after `since` are those of the run. */
export async function readTopics(
  cluster: Cluster,
  wanted: (topic: string) => boolean,
  since: number,
): Promise<readonly Stored[]> {
  const partitions = (await cluster.topics())
    .filter(({ name }) => wanted(name))
    .flatMap(({ name: topic, partitions: all }) => all.map(({ partition }) => ({ topic, partition })))
  if (partitions.length === 0) return []
  const ends = (await openAdmin(cluster).listOffsets(partitions, 'latest')).filter(({ offset }) => offset > 0)
  await using fetcher = openFetcher(cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign(ends.map(({ topic, partition }) => ({ topic, partition, offset: 0 })))
  const found: (Stored & { readonly offset: number })[] = []
  const deadline = Date.now() + READ_MS
  const behind = () =>
    ends.filter(({ topic, partition, offset }) => (fetcher.position(topic, partition) ?? 0) < offset)
  while (behind().length > 0) {
    if (Date.now() > deadline) throw new Error(`topics are not read: ${JSON.stringify(behind())}`)
    for (const { topic, partition, records } of await fetcher.poll(500))
      for (const { offset, timestamp, key, value, headers } of records)
        found.push({
          topic,
          partition,
          offset,
          timestamp: timestamp >= since ? null : timestamp,
          key: textOf(key),
          value: textOf(value),
          ...(headers.length > 0 && {
            headers: headers.map((header) => [header.key, textOf(header.value)] as const),
          }),
        })
  }
  return found
    .sort((a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.offset - b.offset)
    .map(({ offset: _, ...record }) => record)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
