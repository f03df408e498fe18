import { deleteRecords, listOffsets } from '@isthmus/protocol/apis/client'
import { onLeaders, type PartitionAnswer } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { byTopic } from '../topic-partition.ts'
import type { Admin, OffsetSpec } from './admin.ts'

/** The part of `Admin` about what partitions hold. */
export function recordAdmin(
  cluster: Cluster,
  timeoutMs: number,
): Pick<Admin, 'listOffsets' | 'deleteRecords'> {
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
