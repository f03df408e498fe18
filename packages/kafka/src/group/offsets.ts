import { offsetCommit, offsetFetch } from '@isthmus/protocol/apis/client'
import { onCoordinator } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { kafkaError } from '../errors.ts'
import { CONSUMER_COORDINATOR, listed } from '../log.ts'
import {
  byTopic,
  type CommittedOffset,
  type PartitionOffset,
  type TopicPartition,
} from '../topic-partition.ts'

/** In which capacity offsets are committed. */
export interface CommitAs {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Above version 9 both APIs name topics by id. */
const BY_NAME = 9

/** What the group has committed; waits for transactions that are about to commit some (KIP-447). */
export function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<CommittedOffset[]> {
  const doing = `Reading the offsets of group ${groupId}`
  const topics = byTopic(partitions, (p) => p.partition).map(({ name, partitions: indexes }) => ({
    name,
    partitionIndexes: indexes,
  }))
  return onCoordinator(
    cluster,
    'group',
    groupId,
    async (attempt) => {
      const body = { groupId, topics, groups: [{ groupId, topics }], requireStable: true }
      const target = { to: 'coordinator', kind: 'group', key: groupId } as const
      const options = { signal: attempt, maxVersion: BY_NAME }
      const answer = await cluster.request(offsetFetch, body, target, options)
      const group = answer.groups[0] ?? answer
      if (group.errorCode !== 0) throw kafkaError(group.errorCode, doing)
      const found = new Map<string, number>()
      for (const topic of group.topics) {
        for (const { partitionIndex, committedOffset, errorCode } of topic.partitions) {
          if (errorCode !== 0) throw kafkaError(errorCode, `${doing} in ${topic.name}-${partitionIndex}`)
          found.set(`${topic.name}-${partitionIndex}`, committedOffset)
        }
      }
      const committed = partitions.map(({ topic, partition }) => {
        const offset = found.get(`${topic}-${partition}`) ?? -1
        return { topic, partition, offset: offset < 0 ? null : offset }
      })
      const told = listed(committed.map((p) => `${p.topic}-${p.partition} at ${p.offset ?? 'no offset'}`))
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
  as: () => CommitAs,
  offsets: readonly PartitionOffset[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const topics = byTopic(offsets, (o) => ({
    partitionIndex: o.partition,
    committedOffset: o.offset,
    committedMetadata: '',
  }))
  return onCoordinator(
    cluster,
    'group',
    groupId,
    async (attempt) => {
      const { generation, memberId, groupInstanceId } = as()
      const body = { groupId, generationIdOrMemberEpoch: generation, memberId, groupInstanceId, topics }
      const target = { to: 'coordinator', kind: 'group', key: groupId } as const
      const options = { signal: attempt, maxVersion: BY_NAME }
      const answer = await cluster.request(offsetCommit, body, target, options)
      for (const { name, partitions } of answer.topics)
        for (const { partitionIndex, errorCode } of partitions)
          if (errorCode !== 0)
            throw kafkaError(errorCode, `Committing ${name}-${partitionIndex} for group ${groupId}`)
      const done = listed(offsets.map((o) => `${o.topic}-${o.partition} at ${o.offset}`))
      cluster.logs(CONSUMER_COORDINATOR).debug(`Committed for group ${groupId}: ${done}`)
    },
    signal,
  )
}
