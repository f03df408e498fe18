import type { Fetcher } from '@isthmus/kafka'
import type { PartitionOffset } from '@isthmus/sdk'
import type { Assigned, Assignment } from './assignment.ts'

/** Where the fetcher reads the partitions of a sink task, kept to what is known of them. */
export interface Reading {
  /** None is read while `all` are held, nor those that the task has paused. */
  hold(all: boolean): void
  /** The task has paused or resumed partitions. */
  pausesChanged(): void
  /** Kept partitions go on where they are, new ones at what the group has committed for them. */
  assign(): void
  /** From the committed offsets on again. */
  rewind(partitions: readonly Assigned[]): void
  /** As the task asked; false when the partition is not assigned. */
  seek(offset: PartitionOffset): boolean
}

type Positions = Pick<Fetcher, 'assign' | 'seek' | 'pause' | 'resume'>

export function openReading(assignment: Assignment, fetcher: Positions): Reading {
  let held = false
  const applyPauses = () => {
    for (const one of assignment.all()) {
      if (held || one.paused) fetcher.pause(one.topic, one.partition)
      else fetcher.resume(one.topic, one.partition)
    }
  }
  const moveTo = (one: Assigned, offset: number) => {
    fetcher.seek(one.topic, one.partition, offset)
    one.consumed = offset
    one.delivered = offset
    one.committed = offset
  }
  return {
    hold(all) {
      held = all
      applyPauses()
    },
    pausesChanged: applyPauses,
    assign: () =>
      fetcher.assign(
        [...assignment.all()].map(({ topic, partition, consumed }) => ({
          topic,
          partition,
          offset: consumed,
        })),
      ),
    rewind(partitions) {
      for (const one of partitions) if (one.committed !== null) moveTo(one, one.committed)
    },
    seek({ topic, partition, offset }) {
      const known = assignment.find(topic, partition)
      if (known === undefined) return false
      moveTo(known, offset)
      return true
    },
  }
}
