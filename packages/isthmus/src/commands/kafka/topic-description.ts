import type { Admin, TopicInfo } from '@isthmus/kafka'
import { columns, count } from './columns.ts'

/** What is shown of a topic; `--json` prints it as it is. */
export interface DescribedTopic {
  readonly topic: string
  readonly id: string
  readonly internal: boolean
  /** What differs from the brokers' own configuration. */
  readonly configs: { readonly [name: string]: string | null }
  readonly partitions: readonly DescribedPartition[]
}
interface DescribedPartition {
  readonly partition: number
  /** Null: none at present; then nobody knows the offsets either. */
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  readonly earliest: number | null
  readonly latest: number | null
}

export async function describeTopic(
  admin: Admin,
  info: TopicInfo,
  signal: AbortSignal,
): Promise<DescribedTopic> {
  const { name: topic, id, internal } = info
  const led = info.partitions
    .filter(({ leader }) => leader >= 0)
    .map(({ partition }) => ({ topic, partition }))
  const [overrides, earliest, latest] = await Promise.all([
    admin.topicOverrides(topic, signal),
    admin.listOffsets(led, 'earliest', { signal }),
    admin.listOffsets(led, 'latest', { signal }),
  ])
  const of = (offsets: typeof earliest, partition: number) =>
    offsets.find((one) => one.partition === partition)?.offset ?? null
  const partitions = info.partitions.map(({ partition, leader, replicas, isr }) => ({
    partition,
    leader: leader < 0 ? null : leader,
    replicas,
    isr,
    earliest: of(earliest, partition),
    latest: of(latest, partition),
  }))
  return { topic, id, internal, configs: Object.fromEntries(overrides), partitions }
}

const HEAD = ['PARTITION', 'LEADER', 'REPLICAS', 'ISR', 'EARLIEST', 'LATEST', 'RECORDS']

export function topicText({ topic, internal, configs, partitions }: DescribedTopic): string {
  const offsets = partitions.map(({ earliest, latest }) =>
    earliest === null || latest === null ? null : latest - earliest,
  )
  const total = offsets.reduce<number>((sum, records) => sum + (records ?? 0), 0)
  const rows = partitions.map((p, i) => [
    p.partition,
    p.leader ?? '-',
    p.replicas.join(','),
    p.isr.join(','),
    p.earliest ?? '-',
    p.latest ?? '-',
    offsets[i] ?? '-',
  ])
  const set = Object.entries(configs).map(([name, value]) => `  ${name}=${value}\n`)
  return [
    `Topic ${topic}${internal ? ' (internal)' : ''}: ${count(partitions.length, 'partition')}, replication factor ${partitions[0]?.replicas.length ?? 0}, ${count(total, 'record')}\n`,
    ...(set.length === 0 ? [] : ['Configured for the topic:\n', ...set]),
    columns(HEAD, rows),
  ].join('')
}
