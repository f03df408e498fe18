import { type PartitionOffset, partitionName, type TopicPartition } from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import type { Kafka } from './connection.ts'
import { noTopic } from './names.ts'

/** Where offsets are to be moved. */
export type Reset =
  | { readonly to: 'earliest' | 'latest' }
  | { readonly to: 'offset'; readonly offset: number }
  | { readonly to: 'shift'; readonly by: number }
  | { readonly to: 'time'; readonly timestamp: number }

/** Of which partitions. */
export interface Selection {
  /** `topic`, or `topic:0,1`. */
  readonly topic: readonly string[]
  readonly 'all-topics': boolean
}

export interface Move extends TopicPartition {
  /** Null: the group has none. */
  readonly current: number | null
  readonly new: number
}

/** What a reset would change, by topic and partition. */
export async function planReset(
  kafka: Kafka,
  group: string,
  reset: Reset,
  selection: Selection,
): Promise<readonly Move[]> {
  const { admin, stop } = kafka
  const committed = await admin.groupOffsets(group, undefined, stop)
  const partitions = selection['all-topics'] ? committed : await named(kafka, selection.topic)
  if (partitions.length === 0)
    throw new ConnectError(
      'config',
      selection['all-topics']
        ? `Group '${group}' has no offsets.`
        : 'Say which offsets: --topic or --all-topics.',
    )
  const [earliest, latest] = await Promise.all([
    offsetsOf(admin.listOffsets(partitions, 'earliest', { signal: stop })),
    offsetsOf(admin.listOffsets(partitions, 'latest', { signal: stop })),
  ])
  const current = offsetMap(committed)
  const then =
    reset.to === 'time'
      ? await offsetsOf(admin.listOffsets(partitions, { timestamp: reset.timestamp }, { signal: stop }))
      : null
  return partitions
    .map(({ topic, partition }) => {
      const name = partitionName({ topic, partition })
      const ends = { earliest: earliest.get(name) ?? 0, latest: latest.get(name) ?? 0 }
      const at = current.get(name) ?? null
      return { topic, partition, current: at, new: target(name, reset, at, ends, then?.get(name) ?? -1) }
    })
    .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
}

function target(
  name: string,
  reset: Reset,
  current: number | null,
  { earliest, latest }: { readonly earliest: number; readonly latest: number },
  then: number,
): number {
  const within = (offset: number) => Math.min(latest, Math.max(earliest, offset))
  switch (reset.to) {
    case 'earliest':
      return earliest
    case 'latest':
      return latest
    case 'offset':
      return within(reset.offset)
    case 'time':
      return then < 0 ? latest : then
    case 'shift':
      if (current !== null) return within(current + reset.by)
      throw new ConnectError('config', `--shift-by: the group has no offset of ${name}.`)
  }
}

async function named({ cluster, stop }: Kafka, texts: readonly string[]): Promise<readonly TopicPartition[]> {
  const known = await cluster.topics(stop)
  const all: TopicPartition[] = []
  for (const text of texts) {
    const [, topic = '', list] = /^([^:]+)(?::(\d+(?:,\d+)*))?$/.exec(text) ?? []
    if (topic === '') throw new ConnectError('config', `--topic takes TOPIC or TOPIC:0,1, not '${text}'.`)
    const info = known.find(({ name }) => name === topic)
    if (info === undefined) throw await noTopic(cluster, topic)
    const numbers = list?.split(',').map(Number) ?? info.partitions.map(({ partition }) => partition)
    for (const partition of numbers) {
      if (partition >= info.partitions.length)
        throw new ConnectError('config', `Topic '${topic}' has no partition ${partition}.`)
      all.push({ topic, partition })
    }
  }
  return all
}

const offsetMap = (offsets: readonly PartitionOffset[]): ReadonlyMap<string, number> =>
  new Map(offsets.map((o) => [partitionName(o), o.offset]))
const offsetsOf = async (offsets: Promise<readonly PartitionOffset[]>) => offsetMap(await offsets)
