import type { RequestOf } from '@isthmus/protocol'
import type { fetch } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import type { ConsumerConfig } from '../properties/consumer.ts'
import type { FetchedPartition } from './partition.ts'

/** What is asked of a partition: an answer counts only while it still waits for that. */
export interface Asked {
  readonly p: FetchedPartition
  readonly offset: number
  /** Of the leader whose records are before `offset`; -1: not known. */
  readonly lastEpoch: number
}

type Topic = NonNullable<RequestOf<typeof fetch>['topics']>[number]
type Partition = NonNullable<Topic['partitions']>[number]

/** One fetch for all of `asked`, in its order: a broker fills its answer in the order asked. */
export function fetchRequest(
  asked: Iterable<Asked>,
  cluster: Pick<Cluster, 'cached'>,
  options: ConsumerConfig,
  maxWaitMs: number,
): RequestOf<typeof fetch> {
  const topics = new Map<string, Partition[]>()
  for (const { p, offset, lastEpoch } of asked) {
    const partition = {
      partition: p.partition,
      currentLeaderEpoch: cluster.cached(p.topic)?.partitions[p.partition]?.leaderEpoch ?? -1,
      fetchOffset: offset,
      lastFetchedEpoch: lastEpoch,
      partitionMaxBytes: options['max.partition.fetch.bytes'],
    }
    const partitions = topics.get(p.topic)
    if (partitions) partitions.push(partition)
    else topics.set(p.topic, [partition])
  }
  return {
    maxWaitMs,
    minBytes: options['fetch.min.bytes'],
    maxBytes: options['fetch.max.bytes'],
    isolationLevel: options['isolation.level'] === 'read_committed' ? 1 : 0,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    rackId: options['client.rack'],
  }
}
