export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Where a partition begins, ends or goes on: for consumers the offset of the next record, as Kafka commits it. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number
}

/** What a group has committed for a partition. */
export interface CommittedOffset extends TopicPartition {
  /** null: nothing, or that nothing is to stay. */
  readonly offset: number | null
}
