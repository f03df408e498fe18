import { onCoordinator } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { fetchOffsets, type Judge, type OffsetsOf, writeOffsets } from '../cluster/offset-requests.ts'
import { kafkaError } from '../errors.ts'
import { CONSUMER_COORDINATOR, listed } from '../log.ts'
import {
  type CommittedOffset,
  type PartitionOffset,
  partitionName,
  type TopicPartition,
} from '../topic-partition.ts'

/** What the group has committed; waits for transactions that are about to commit some (KIP-447). */
export function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<CommittedOffset[]> {
  const doing = `Reading the offsets of group ${groupId}`
  const judge: Judge<TopicPartition | null> = (code, p) =>
    kafkaError(code, p === null ? doing : `${doing} in ${partitionName(p)}`)
  return onCoordinator(
    cluster,
    'group',
    groupId,
    async (attempt) => {
      const offsets = await fetchOffsets(cluster, groupId, partitions, true, judge, attempt)
      const found = new Map(offsets.map((o) => [partitionName(o), o.offset]))
      const committed = partitions.map(({ topic, partition }) => {
        const offset = found.get(partitionName({ topic, partition })) ?? null
        return { topic, partition, offset }
      })
      const told = listed(committed.map((p) => `${partitionName(p)} at ${p.offset ?? 'no offset'}`))
      cluster.logs(CONSUMER_COORDINATOR).debug(`Committed by group ${groupId}: ${told}`)
      return committed
    },
    signal,
  )
}

/** Commits; rejects with the first error of a partition. `as` is asked anew before every attempt. */
export function commitOffsets(
  cluster: Cluster,
  groupId: string,
  as: () => OffsetsOf,
  offsets: readonly PartitionOffset[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const judge: Judge<TopicPartition> = (code, p) =>
    kafkaError(code, `Committing ${partitionName(p)} for group ${groupId}`)
  return onCoordinator(
    cluster,
    'group',
    groupId,
    async (attempt) => {
      await writeOffsets(cluster, as(), offsets, judge, attempt)
      const done = listed(offsets.map((o) => `${partitionName(o)} at ${o.offset}`))
      cluster.logs(CONSUMER_COORDINATOR).debug(`Committed for group ${groupId}: ${done}`)
    },
    signal,
  )
}
