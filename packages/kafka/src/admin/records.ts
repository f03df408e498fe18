import { deleteRecords, listOffsets } from '@isthmus/protocol/apis/client'
import { onLeaders, type PartitionAnswer } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { byTopic, type PartitionOffset, type TopicPartition } from '../topic-partition.ts'

export type OffsetSpec = 'earliest' | 'latest' | 'max-timestamp' | { readonly timestamp: number }

/** The part of `Admin` about what partitions hold. */
export interface RecordAdmin {
  /** Waits for missing topics and leaders until its time is over. Offset -1: no record that late. */
  listOffsets(
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
    options?: { isolation?: 'read_uncommitted' | 'read_committed'; signal?: AbortSignal },
  ): Promise<readonly PartitionOffset[]>
  deleteRecords(before: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
}

/** `timeoutMs` is how long the broker may take over one request. */
export function recordAdmin(cluster: Cluster, timeoutMs: number): RecordAdmin {
  return {
    async listOffsets(partitions, spec, options = {}) {
      const timestamp = timestampOf(spec)
      const answers = await onLeaders(
        cluster,
        partitions,
        'Listing offsets',
        async (node, parts, signal) => {
          const body = {
            replicaId: -1,
            isolationLevel: options.isolation === 'read_committed' ? 1 : 0,
            topics: byTopic(parts, ({ topic, partition }) => ({
              partitionIndex: partition,
              currentLeaderEpoch: cluster.cached(topic)?.partitions[partition]?.leaderEpoch ?? -1,
              timestamp,
            })),
            timeoutMs,
          }
          const answer = await cluster.request(listOffsets, body, { to: 'node', node }, { signal })
          return answersOf(answer.topics, (p) => p.offset)
        },
        options.signal,
      )
      return answers.map(({ topic, partition, value }) => ({ topic, partition, offset: value }))
    },
    async deleteRecords(before, signal) {
      await onLeaders(
        cluster,
        before,
        'Deleting records',
        async (node, parts, s) => {
          const topics = byTopic(parts, (p) => ({ partitionIndex: p.partition, offset: p.offset }))
          const answer = await cluster.request(
            deleteRecords,
            { topics, timeoutMs },
            { to: 'node', node },
            { signal: s },
          )
          return answersOf(answer.topics, (p) => p.lowWatermark)
        },
        signal,
      )
    },
  }
}

function timestampOf(spec: OffsetSpec): number {
  switch (spec) {
    case 'earliest':
      return -2
    case 'latest':
      return -1
    case 'max-timestamp':
      return -3
    default:
      return spec.timestamp
  }
}
function answersOf<P extends { partitionIndex: number; errorCode: number }>(
  topics: readonly { name: string; partitions: readonly P[] }[],
  value: (partition: P) => number,
): readonly PartitionAnswer[] {
  return topics.flatMap(({ name, partitions }) =>
    partitions.map((p) => ({
      topic: name,
      partition: p.partitionIndex,
      errorCode: p.errorCode,
      value: value(p),
    })),
  )
}
