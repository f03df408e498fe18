import { ConnectError } from '../errors.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SinkRecord } from '../record.ts'
import type { SinkTaskContext } from '../task.ts'
import type { PartitionOffset, TopicPartition } from '../topic-partition.ts'
import { nameOf, partitionOf } from './by-partition.ts'

/** Offsets that the target keeps beside the data, so that each record is there exactly once. */
export interface TargetOffsets {
  /** To be called by the task's own `open`: asks the target, and goes on where it has got to, whatever the group has committed. */
  open(partitions: readonly TopicPartition[]): Promise<void>
  /** To be called by the task's own `close`: these partitions are another task's from now on. */
  close(partitions: readonly TopicPartition[]): void
  /**
   * To be called by `put`: `store` gets the records that the target does not have yet, and the offsets behind them, and stores both in one
   * transaction. It is not called where there is none. After `store` has failed nobody knows whether the target has them, so with the next
   * records it is asked again.
   */
  write(
    records: readonly SinkRecord[],
    store: (fresh: readonly SinkRecord[], offsets: readonly PartitionOffset[]) => MaybePromise<void>,
  ): Promise<void>
}

interface Position {
  readonly partition: TopicPartition
  /** Behind the last record that the target has; null where it has none. */
  next: number | null
  /** No record has come since the partition was opened. */
  fresh: boolean
}

/**
 * Exactly-once delivery by offsets that are kept in the target: the author stores records and offsets in one transaction, and what comes again
 * after a crash, a rebalance or a failure is left out. `read` answers with the offsets that the target holds of those partitions, of the next
 * record each, and leaves out those that it does not know; what it throws comes out of `open` or `write`.
 *
 * A partition that begins anew below what the target holds fails the task: the topic was deleted and created again, and nobody can tell its
 * records from those that the target has.
 *
 * ```ts
 * const offsets = targetOffsets(context, (partitions) => database.offsetsOf(partitions))
 * return {
 *   open: (partitions) => offsets.open(partitions),
 *   close: (partitions) => offsets.close(partitions),
 *   put: (records) => offsets.write(records, (fresh, next) => database.store(rowsOf(fresh), next)),
 *   …
 * }
 * ```
 */
export function targetOffsets(
  context: Pick<SinkTaskContext, 'seek'>,
  read: (partitions: readonly TopicPartition[]) => MaybePromise<readonly PartitionOffset[]>,
): TargetOffsets {
  const positions = new Map<string, Position>()
  let unsure = false

  const ask = async (partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> => {
    if (partitions.length === 0) return []
    const asked = new Set(partitions.map(({ topic, partition }) => nameOf(topic, partition)))
    const held = await read(partitions)
    return held.filter(({ topic, partition }) => asked.has(nameOf(topic, partition)))
  }

  const isFresh = (record: SinkRecord): boolean => {
    const name = partitionOf(record)
    const position = positions.get(name)
    if (position === undefined)
      throw new ConnectError(
        'state',
        `targetOffsets: a record of ${name}, which was not opened: the task's 'open' calls that of its offsets`,
      )
    const { next, fresh } = position
    const isNew = next === null || record.originalKafkaOffset >= next
    if (fresh && !isNew)
      throw new ConnectError(
        'connect',
        `The target has the records of ${name} up to offset ${next}, and the partition goes on at ${record.originalKafkaOffset}: was the topic deleted and created again? Remove the offset that the target holds of ${name} if its records are to be written.`,
      )
    position.fresh = false
    return isNew
  }

  return {
    async open(partitions) {
      for (const partition of partitions)
        positions.set(nameOf(partition.topic, partition.partition), { partition, next: null, fresh: true })
      const held = await ask(partitions)
      for (const { topic, partition, offset } of held) {
        const position = positions.get(nameOf(topic, partition))
        if (position !== undefined) position.next = offset
      }
      if (held.length > 0) context.seek(held)
    },
    close(partitions) {
      for (const { topic, partition } of partitions) positions.delete(nameOf(topic, partition))
    },
    async write(records, store) {
      if (unsure) {
        const held = await ask([...positions.values()].map(({ partition }) => partition))
        for (const { topic, partition, offset } of held) {
          const position = positions.get(nameOf(topic, partition))
          if (position !== undefined) position.next = offset
        }
        unsure = false
      }
      const fresh = records.filter(isFresh)
      const offsets = nextOffsets(fresh)
      if (offsets.length === 0) return
      try {
        await store(fresh, offsets)
      } catch (error) {
        unsure = true
        throw error
      }
      for (const { topic, partition, offset } of offsets) {
        const position = positions.get(nameOf(topic, partition))
        if (position !== undefined) position.next = offset
      }
    },
  }
}

/** For each partition the offset behind its last record. */
function nextOffsets(records: readonly SinkRecord[]): readonly PartitionOffset[] {
  const next = new Map<string, PartitionOffset>()
  for (const record of records) {
    const { originalTopic: topic, originalKafkaPartition: partition, originalKafkaOffset } = record
    next.set(partitionOf(record), { topic, partition, offset: originalKafkaOffset + 1 })
  }
  return [...next.values()]
}
