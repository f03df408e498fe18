import type { ResponseOf } from '@isthmus/protocol'
import type { metadata } from '@isthmus/protocol/apis/client'
import { listed } from '../log.ts'

/** A broker, as the cluster names it. */
export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
export interface PartitionInfo {
  readonly partition: number
  /** -1 while there is none. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}
export interface TopicInfo {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  /** By partition number. */
  readonly partitions: readonly PartitionInfo[]
}

/** The brokers of a cluster, as one of them last said. */
export interface Brokers {
  readonly clusterId: string | null
  /** -1 while none is known. */
  readonly controller: number
  readonly nodes: ReadonlyMap<number, Node>
}
export const noBrokers: Brokers = { clusterId: null, controller: -1, nodes: new Map() }

type Answer = ResponseOf<typeof metadata>

export function brokersOf({ clusterId, controllerId, brokers }: Answer): Brokers {
  const nodes = brokers.map(({ nodeId: id, host, port, rack }): [number, Node] => [
    id,
    { id, host, port, rack },
  ])
  return { clusterId, controller: controllerId, nodes: new Map(nodes) }
}

/** What is known of a topic after an answer: a broker that lags behind must not lead us back to a former leader. */
export function topicOf(
  name: string,
  { topicId: id, isInternal: internal, partitions: answered }: Answer['topics'][number],
  before: TopicInfo | undefined,
): TopicInfo {
  const partitions: PartitionInfo[] = []
  for (const { partitionIndex: partition, leaderId, leaderEpoch, replicaNodes, isrNodes } of answered) {
    const old = before?.id === id ? before.partitions[partition] : undefined
    partitions[partition] =
      old && leaderEpoch >= 0 && leaderEpoch < old.leaderEpoch
        ? old
        : { partition, leader: leaderId, leaderEpoch, replicas: replicaNodes, isr: isrNodes }
  }
  return { name, id, internal, partitions }
}

/** What an operator would want to know of the difference. */
export function brokerNews(before: Brokers, after: Brokers): readonly string[] {
  const told = described(after)
  return told === described(before) ? [] : [told]
}
function described({ clusterId, nodes }: Brokers): string {
  const all = [...nodes.values()].map(({ id, host, port }) => `${id} at ${host}:${port}`)
  return `cluster ${clusterId} has brokers ${listed(all.sort())}`
}
export function topicNews(before: TopicInfo | undefined, after: TopicInfo): readonly string[] {
  const { name, id, partitions } = after
  if (before?.id !== id || before.partitions.length !== partitions.length)
    return [`${name} has ${partitions.length} partition(s)`]
  return partitions
    .filter(({ partition, leader }) => leader !== before.partitions[partition]?.leader)
    .map(({ partition, leader, leaderEpoch }) => {
      const now = leader < 0 ? 'gone' : `broker ${leader}, epoch ${leaderEpoch}`
      return `the leader of ${name}-${partition} is ${now}`
    })
}
