import type { TopicPartition } from '../topic-partition.ts'
import type { MemberSubscription } from './consumer-protocol.ts'

/** A member as assignors see it. */
export interface AssignedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly subscription: MemberSubscription
}
/** Number of partitions of every topic that some member wants and that exists. */
export type PartitionCounts = ReadonlyMap<string, number>
/** Who gets what, by member id. */
export type Shares = Map<string, TopicPartition[]>
