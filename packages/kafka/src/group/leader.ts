import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { type ClientLog, listed } from '../log.ts'
import type { AssignedMember, PartitionCounts } from './assignment.ts'
import type { Assignor } from './assignors.ts'
import { decodeSubscription, encodeAssignment } from './consumer-protocol.ts'
import type { GroupMember } from './options.ts'
import { partitionCounts } from './topics.ts'

/** What the last assignment was made for: the topics that members want, and the partitions of those that exist. */
interface Divided {
  readonly wanted: readonly string[]
  readonly counts: PartitionCounts
}

const described = ({ memberId, groupInstanceId, metadata }: GroupMember): AssignedMember => ({
  memberId,
  groupInstanceId,
  subscription: decodeSubscription(metadata),
})

/** What the leader of a consumer group does for all: it divides the partitions, and sees when their number changes. */
export class ConsumerLeader {
  private readonly cluster: Cluster
  private readonly assignors: readonly Assignor[]
  private readonly signal: AbortSignal
  private readonly log: ClientLog
  private readonly topicMissing: () => void
  /** null on members that have never led. */
  private divided: Divided | null = null

  /** `topicMissing`: some topic that members want does not exist. */
  constructor(
    cluster: Cluster,
    assignors: readonly Assignor[],
    topicMissing: () => void,
    log: ClientLog,
    signal: AbortSignal,
  ) {
    this.cluster = cluster
    this.assignors = assignors
    this.topicMissing = topicMissing
    this.log = log
    this.signal = signal
  }

  async assign(protocol: string, members: readonly GroupMember[]): Promise<Map<string, Uint8Array>> {
    const assignor = this.assignors.find((a) => a.name === protocol)
    if (!assignor)
      throw new KafkaError(
        'INCONSISTENT_GROUP_PROTOCOL',
        `The group chose the assignor ${protocol}, which is not ours`,
      )
    const all = members.map(described)
    const shares = assignor.assign(await this.count(all), all)
    const told = listed([...shares].map(([member, share]) => `${member} has ${share.length}`))
    this.log.debug(`Divided with ${protocol}: ${told}`)
    return new Map([...shares].map(([member, share]) => [member, encodeAssignment(share)]))
  }
  /** The assignment that the group has was made by a former life of this leader: it sees to it from now on. */
  async resume(members: readonly GroupMember[]): Promise<void> {
    await this.count(members.map(described))
  }
  private async count(members: readonly AssignedMember[]): Promise<PartitionCounts> {
    const wanted = [...new Set(members.flatMap((m) => m.subscription.topics))].sort()
    const counts = await partitionCounts(this.cluster, wanted, this.signal)
    this.divided = { wanted, counts }
    if (counts.size < wanted.length) this.topicMissing()
    return counts
  }

  /** Whether the assignment is outdated, and whether a topic is missing still. A member that has not made it sees nothing. */
  async look(): Promise<{ readonly outdated: boolean; readonly missing: boolean }> {
    const { divided } = this
    if (divided === null) return { outdated: false, missing: false }
    const { wanted, counts } = divided
    const now = await partitionCounts(this.cluster, wanted, this.signal)
    const same = wanted.every((topic) => counts.get(topic) === now.get(topic))
    // one that was made meanwhile goes by what it has found
    return { outdated: !same && divided === this.divided, missing: now.size < wanted.length }
  }
}
