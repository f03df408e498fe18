import { deleteGroups, initProducerId, listGroups, offsetDelete } from '@isthmus/protocol/apis/client'
import { itemError, onCoordinator, optional, throwItem } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { fetchOffsets, type Judge, writeOffsets } from '../cluster/offset-requests.ts'
import { byTopic, type PartitionOffset, partitionName, type TopicPartition } from '../topic-partition.ts'

/** The part of `Admin` about groups and transactional ids: what coordinators keep. */
export interface GroupAdmin {
  listGroups(
    signal?: AbortSignal,
  ): Promise<readonly { groupId: string; protocolType: string; state: string }[]>
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
