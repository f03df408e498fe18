import type { PartitionOffset, TopicPartition } from '@isthmus/sdk'

/** What a sink task knows of one assigned partition. Offsets are those of the next record. */
export interface Assigned extends TopicPartition {
  /** Converted so far, delivered or not. */
  consumed: number | null
  /** Delivered to the task: the most that may be committed. */
  delivered: number | null
  /** Where the group goes on after a crash: as committed, or where reading began when nothing was. */
  committed: number | null
  /** By the task itself. */
  paused: boolean
}

/** The partitions of a sink task, by topic and number. */
export interface Assignment {
  all(): Iterable<Assigned>
  find(topic: string, partition: number): Assigned | undefined
  add(partition: TopicPartition & { readonly offset: number | null }): void
  remove(partition: TopicPartition): void
  readonly size: number
}

export function openAssignment(): Assignment {
  const partitions = new Map<string, Assigned>()
  return {
    all: () => partitions.values(),
    find: (topic, partition) => partitions.get(keyOf(topic, partition)),
    add({ topic, partition, offset }) {
      partitions.set(keyOf(topic, partition), {
        topic,
        partition,
        consumed: offset,
        delivered: offset,
        committed: offset,
        paused: false,
      })
    },
    remove({ topic, partition }) {
      partitions.delete(keyOf(topic, partition))
    },
    get size() {
      return partitions.size
    },
  }
}

const keyOf = (topic: string, partition: number) => `${topic}-${partition}`

/** What `preCommit` is asked about: everything delivered, of the given partitions. */
export function deliveredOf(partitions: Iterable<Assigned>): PartitionOffset[] {
  const offsets: PartitionOffset[] = []
  for (const { topic, partition, delivered } of partitions)
    if (delivered !== null) offsets.push({ topic, partition, offset: delivered })
  return offsets
}

/** The brokers have these offsets. */
export function markCommitted(assignment: Assignment, offsets: readonly PartitionOffset[]): void {
  for (const { topic, partition, offset } of offsets) {
    const known = assignment.find(topic, partition)
    if (known !== undefined) known.committed = offset
  }
}

/** How many records are read and not committed, as far as that is known. */
export function uncommitted(partitions: Iterable<Assigned>): number {
  let records = 0
  for (const { consumed, committed } of partitions)
    if (consumed !== null && committed !== null) records += consumed - committed
  return records
}

/**
 * Invariant 3: of what the task returned, the offsets that may be committed, and the complaints about the others. Unchanged
 * ones are left out.
 */
export function committable(
  asked: readonly PartitionOffset[],
  returned: readonly PartitionOffset[],
  assignment: Assignment,
): { offsets: PartitionOffset[]; warnings: string[] } {
  const offsets: PartitionOffset[] = []
  const warnings: string[] = []
  for (const { topic, partition, offset } of returned) {
    const limit = asked.find((one) => one.topic === topic && one.partition === partition)?.offset
    const known = assignment.find(topic, partition)
    if (known === undefined)
      warnings.push(
        `Ignoring invalid task provided offset ${topic}-${partition}/${offset} -- partition not assigned`,
      )
    else if (limit === undefined) continue
    else if (!Number.isSafeInteger(offset) || offset < 0)
      warnings.push(
        `Ignoring invalid task provided offset ${topic}-${partition}/${offset} -- not an offset, currentOffset=${limit}`,
      )
    else if (offset > limit)
      warnings.push(
        `Ignoring invalid task provided offset ${topic}-${partition}/${offset} -- not yet consumed, taskOffset=${offset} currentOffset=${limit}`,
      )
    else if (offset !== known.committed) offsets.push({ topic, partition, offset })
  }
  return { offsets, warnings }
}
