import type { Validator } from '@isthmus/sdk'

/** Numbers of a topic that the worker creates; -1 stands for what its brokers have. */
const positiveOrDefault =
  (reason: string): Validator =>
  (value) =>
    typeof value === 'number' && value < 1 && value !== -1 ? reason : null

export const validPartitions = positiveOrDefault(
  "Number of partitions must be positive, or -1 to use the broker's default",
)
export const validReplication = positiveOrDefault(
  "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
)
