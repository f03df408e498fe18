/** A partition of a topic of Kafka. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}
/** For a sink: the offset of the next record to deliver, as Kafka commits it. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number
}
