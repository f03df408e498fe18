export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** As Kafka's logs write it, and what tells partitions apart in maps. */
export const partitionName = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`

/** Where a partition begins, ends or goes on: for consumers the offset of the next record, as Kafka commits it. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number
}

/** What a group has committed for a partition. */
export interface CommittedOffset extends TopicPartition {
  /** null: nothing, or that nothing is to stay. */
  readonly offset: number | null
}

/** As requests want it: each topic once, with its partitions. */
export function byTopic<P extends TopicPartition, E>(
  partitions: readonly P[],
  entry: (partition: P) => E,
): { name: string; partitions: E[] }[] {
  const topics = new Map<string, E[]>()
  for (const p of partitions) {
    const list = topics.get(p.topic)
    if (list) list.push(entry(p))
    else topics.set(p.topic, [entry(p)])
  }
  return [...topics].map(([name, entries]) => ({ name, partitions: entries }))
}
