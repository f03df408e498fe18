import { decode, encode } from '@isthmus/protocol'
import { array, bytes, int16, int32, string } from '@isthmus/protocol/fields'
import { byTopic, type TopicPartition } from '../topic-partition.ts'

/** What a member of a `consumer` group says of itself when it joins. */
export interface MemberSubscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  /** What it held before; empty where it gave everything up. */
  readonly owned: readonly TopicPartition[]
  /** In which generation; -1 when it does not know. */
  readonly generation: number
}

/** As Java's `ConsumerProtocolSubscription`, the version before the fields. */
const subscriptionFields = {
  version: int16(),
  topics: array(string()),
  userData: bytes({ nullable: 0, default: null }),
  ownedPartitions: array({ topic: string(), partitions: array(int32()) }, { from: 1 }),
  generationId: int32({ from: 2, default: -1 }),
  rackId: string({ from: 3, nullable: 3, default: null }),
} as const
const assignmentFields = {
  version: int16(),
  assignedPartitions: array({ topic: string(), partitions: array(int32()) }),
  userData: bytes({ nullable: 0, default: null }),
} as const
/** The user data of `sticky` members, which give up everything before they join and so own nothing by then. */
const stickyFields = {
  previousAssignment: array({ topic: string(), partitions: array(int32()) }),
  generation: int32({ from: 1, default: -1 }),
} as const

const HIGHEST = 3

const grouped = (partitions: readonly TopicPartition[]) =>
  byTopic(partitions, (p) => p.partition).map((t) => ({ topic: t.name, partitions: t.partitions }))
const flattened = (topics: readonly { topic: string; partitions: readonly number[] }[]): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))

export function encodeSubscription(subscription: MemberSubscription): Buffer {
  return encode(subscriptionFields, HIGHEST, {
    version: HIGHEST,
    topics: subscription.topics.toSorted(),
    userData: subscription.userData,
    ownedPartitions: grouped(subscription.owned),
    generationId: subscription.generation,
  })
}
export function decodeSubscription(metadata: Buffer): MemberSubscription {
  const version = Math.min(metadata.readInt16BE(), HIGHEST)
  const { topics, userData, ownedPartitions, generationId } = decode(subscriptionFields, version, metadata)
  return { topics, userData, owned: flattened(ownedPartitions), generation: generationId }
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return encode(assignmentFields, HIGHEST, { version: HIGHEST, assignedPartitions: grouped(partitions) })
}
/** Of nothing at all, which a group gives a member that its leader forgot, too. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return []
  return flattened(decode(assignmentFields, HIGHEST, assignment).assignedPartitions)
}

export function encodeStickyData(owned: readonly TopicPartition[], generation: number): Buffer {
  return encode(stickyFields, 1, { previousAssignment: grouped(owned), generation })
}
/** What the member held before, by its user data; nothing when that cannot be read, as Java. */
export function decodeStickyData(data: Buffer | null): { owned: TopicPartition[]; generation: number } {
  for (const version of [1, 0]) {
    try {
      if (data === null) break
      const { previousAssignment, generation } = decode(stickyFields, version, data)
      return { owned: flattened(previousAssignment), generation }
    } catch {
      // written by an older version, or by who knows whom
    }
  }
  return { owned: [], generation: -1 }
}
