import type { ResponseOf } from '@isthmus/protocol'
import {
  deleteGroups,
  describeGroups,
  initProducerId,
  listGroups,
  offsetDelete,
} from '@isthmus/protocol/apis/client'
import { itemError, onCoordinator, optional, throwItem } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { fetchOffsets, type Judge, writeOffsets } from '../cluster/offset-requests.ts'
import { decodeAssignment } from '../group/consumer-protocol.ts'
import { byTopic, type PartitionOffset, partitionName, type TopicPartition } from '../topic-partition.ts'

/** A group as its coordinator knows it. */
export interface GroupDescription {
  /** `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`; `Dead`: there is no such group. */
  readonly state: string
  /** `consumer`, `connect` and others; empty when nobody was ever a member. */
  readonly protocolType: string
  /** What its members have agreed upon: the assignor of consumers. Empty without members. */
  readonly protocol: string
  readonly members: readonly DescribedMember[]
}
export interface DescribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  /** What it said of itself when it joined, and what it was given: in the form of the group's protocol type. */
  readonly metadata: Buffer
  readonly assignment: Buffer
}

/** What a member of a `consumer` group was assigned. */
export const assignedPartitions = (member: DescribedMember): readonly TopicPartition[] =>
  decodeAssignment(member.assignment)

/** The part of `Admin` about groups and transactional ids: what coordinators keep. */
export interface GroupAdmin {
  listGroups(
    signal?: AbortSignal,
  ): Promise<readonly { groupId: string; protocolType: string; state: string }[]>
  /** A group that does not exist is one without members whose state is `Dead`. */
  describeGroup(groupId: string, signal?: AbortSignal): Promise<GroupDescription>
  /** Committed offsets of a group, of all partitions when none are named; partitions without one are left out. */
  groupOffsets(
    groupId: string,
    partitions?: readonly TopicPartition[],
    signal?: AbortSignal,
  ): Promise<readonly PartitionOffset[]>
  /** The group must have no members (UNKNOWN_MEMBER_ID otherwise), and need not exist. */
  alterGroupOffsets(groupId: string, offsets: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
  deleteGroupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[],
    signal?: AbortSignal,
  ): Promise<void>
  /** GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  deleteGroup(groupId: string, signal?: AbortSignal): Promise<void>
  /** Fences every producer of these transactional ids (InitProducerId). */
  fenceProducers(transactionalIds: readonly string[], signal?: AbortSignal): Promise<void>
}

const judgeOf =
  (doing: string): Judge<TopicPartition | null> =>
  (code, p) =>
    itemError(code, p === null ? doing : `${doing} in ${partitionName(p)}`)

/** `timeoutMs` is the timeout of the transactions of whoever fences, which begins none. */
export function groupAdmin(cluster: Cluster, timeoutMs: number): GroupAdmin {
  const coordinator = (key: string) => ({ to: 'coordinator', kind: 'group', key }) as const

  return {
    async listGroups(signal) {
      const { nodes } = await cluster.retry((s) => cluster.nodes(s), optional(signal))
      const lists = await Promise.all(
        nodes.map((node) =>
          cluster.retry(async (s) => {
            const answer = await cluster.request(listGroups, {}, { to: 'node', node: node.id }, { signal: s })
            throwItem(itemError(answer.errorCode, `Listing the groups of broker ${node.id}`))
            return answer.groups
          }, optional(signal)),
        ),
      )
      return lists
        .flat()
        .map(({ groupId, protocolType, groupState }) => ({ groupId, protocolType, state: groupState }))
    },
    describeGroup(groupId, signal) {
      return onCoordinator(
        cluster,
        'group',
        groupId,
        async (s) => {
          const body = { groups: [groupId], includeAuthorizedOperations: false }
          const answer = await cluster.request(describeGroups, body, coordinator(groupId), { signal: s })
          const [group] = answer.groups
          const error = itemError(
            group?.errorCode ?? 0,
            `Describing group ${groupId}`,
            group?.errorMessage ?? null,
          )
          // from version 6 on that is an error
          if (group === undefined || error?.kafka === 'GROUP_ID_NOT_FOUND')
            return { state: 'Dead', protocolType: '', protocol: '', members: [] }
          throwItem(error)
          const { groupState: state, protocolType, protocolData: protocol, members } = group
          return { state, protocolType, protocol, members: members.map(memberOf) }
        },
        signal,
      )
    },
    groupOffsets(groupId, partitions, signal) {
      const judge = judgeOf(`Reading the offsets of group ${groupId}`)
      return onCoordinator(
        cluster,
        'group',
        groupId,
        (s) => fetchOffsets(cluster, groupId, partitions ?? null, false, judge, s),
        signal,
      )
    },
    alterGroupOffsets(groupId, offsets, signal) {
      const judge = judgeOf(`Changing the offsets of group ${groupId}`)
      return onCoordinator(
        cluster,
        'group',
        groupId,
        (s) => writeOffsets(cluster, { groupId }, offsets, judge, s),
        signal,
      )
    },
    deleteGroupOffsets(groupId, partitions, signal) {
      const doing = `Deleting offsets of group ${groupId}`
      return onCoordinator(
        cluster,
        'group',
        groupId,
        async (s) => {
          const topics = byTopic(partitions, (p) => ({ partitionIndex: p.partition }))
          const answer = await cluster.request(offsetDelete, { groupId, topics }, coordinator(groupId), {
            signal: s,
          })
          throwItem(itemError(answer.errorCode, doing))
          for (const { name, partitions } of answer.topics)
            for (const { partitionIndex, errorCode } of partitions)
              throwItem(itemError(errorCode, `${doing} in ${name}-${partitionIndex}`))
        },
        signal,
      )
    },
    deleteGroup(groupId, signal) {
      return onCoordinator(
        cluster,
        'group',
        groupId,
        async (s) => {
          const body = { groupsNames: [groupId] }
          const answer = await cluster.request(deleteGroups, body, coordinator(groupId), { signal: s })
          for (const { errorCode } of answer.results)
            throwItem(itemError(errorCode, `Deleting group ${groupId}`))
        },
        signal,
      )
    },
    async fenceProducers(transactionalIds, signal) {
      await Promise.all(
        transactionalIds.map((key) =>
          onCoordinator(
            cluster,
            'transaction',
            key,
            async (s) => {
              const body = { transactionalId: key, transactionTimeoutMs: timeoutMs }
              const target = { to: 'coordinator', kind: 'transaction', key } as const
              const answer = await cluster.request(initProducerId, body, target, { signal: s })
              throwItem(itemError(answer.errorCode, `Fencing the producers of ${key}`))
            },
            signal,
          ),
        ),
      )
    },
  }
}

type Answered = ResponseOf<typeof describeGroups>['groups'][number]['members'][number]

const memberOf = (member: Answered): DescribedMember => ({
  memberId: member.memberId,
  groupInstanceId: member.groupInstanceId,
  clientId: member.clientId,
  host: member.clientHost,
  metadata: member.memberMetadata,
  assignment: member.memberAssignment,
})
