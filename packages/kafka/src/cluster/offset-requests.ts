import { offsetCommit, offsetFetch } from '@isthmus/protocol/apis/client'
import type { KafkaError } from '../errors.ts'
import { byTopic, type PartitionOffset, type TopicPartition } from '../topic-partition.ts'
import type { Cluster } from './cluster.ts'

/** Whose offsets; with a generation they count only while the member has its assignment. */
export interface OffsetsOf {
  readonly groupId: string
  readonly generation?: number
  readonly memberId?: string
  readonly groupInstanceId?: string | null
}

/** What an error code means to whoever asks. */
export type Judge<P> = (code: number, partition: P) => KafkaError | null

/** From version 10 on both APIs name topics by id only. */
const BY_NAME = 9

const coordinatorOf = (groupId: string) => ({ to: 'coordinator', kind: 'group', key: groupId }) as const

/**
 * One attempt to read what a group has committed, of all partitions for null; those without an offset are left out. `requireStable`:
 * transactions that are about to commit some are an error to come back after (KIP-447).
 */
export async function fetchOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  requireStable: boolean,
  judge: Judge<TopicPartition | null>,
  signal: AbortSignal,
): Promise<readonly PartitionOffset[]> {
  const topics =
    partitions &&
    byTopic(partitions, (p) => p.partition).map(({ name, partitions: partitionIndexes }) => ({
      name,
      partitionIndexes,
    }))
  const body = { groupId, topics, groups: [{ groupId, topics }], requireStable }
  const options = { signal, maxVersion: BY_NAME }
  const answer = await cluster.request(offsetFetch, body, coordinatorOf(groupId), options)
  // from version 8 on several groups are asked at once
  const group = answer.groups[0] ?? answer
  expectNone(group.errorCode, null, judge)
  const offsets: PartitionOffset[] = []
  for (const { name: topic, partitions: answered } of group.topics)
    for (const { partitionIndex: partition, committedOffset: offset, errorCode } of answered) {
      expectNone(errorCode, { topic, partition }, judge)
      if (offset >= 0) offsets.push({ topic, partition, offset })
    }
  return offsets
}

/** One attempt to commit; rejects with the first error of a partition. */
export async function writeOffsets(
  cluster: Cluster,
  { groupId, generation, memberId, groupInstanceId }: OffsetsOf,
  offsets: readonly PartitionOffset[],
  judge: Judge<TopicPartition>,
  signal: AbortSignal,
): Promise<void> {
  const topics = byTopic(offsets, (o) => ({
    partitionIndex: o.partition,
    committedOffset: o.offset,
    committedMetadata: '',
  }))
  const member = {
    generationIdOrMemberEpoch: generation ?? -1,
    memberId: memberId ?? '',
    groupInstanceId: groupInstanceId ?? null,
  }
  const options = { signal, maxVersion: BY_NAME }
  const answer = await cluster.request(
    offsetCommit,
    { groupId, ...member, topics },
    coordinatorOf(groupId),
    options,
  )
  for (const { name: topic, partitions } of answer.topics)
    for (const { partitionIndex: partition, errorCode } of partitions)
      expectNone(errorCode, { topic, partition }, judge)
}

function expectNone<P>(code: number, partition: P, judge: Judge<P>): void {
  const error = code === 0 ? null : judge(code, partition)
  if (error !== null) throw error
}
