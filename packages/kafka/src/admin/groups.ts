import {
  deleteGroups,
  initProducerId,
  listGroups,
  offsetCommit,
  offsetDelete,
  offsetFetch,
} from '@isthmus/protocol/apis/client'
import { itemError, onCoordinator, optional, throwItem } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { byTopic, type PartitionOffset, type TopicPartition } from '../topic-partition.ts'

/** From version 10 on topics are named by id only. */
const BY_NAME = 9

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
      const topics = partitions
        ? byTopic(partitions, (p) => p.partition).map((t) => ({
            name: t.name,
            partitionIndexes: t.partitions,
          }))
        : null
      const doing = `Reading the offsets of group ${groupId}`
      return onCoordinator(
        cluster,
        'group',
        groupId,
        async (s) => {
          const body = { groupId, topics, groups: [{ groupId, topics }] }
          const options = { signal: s, maxVersion: BY_NAME }
          const answer = await cluster.request(offsetFetch, body, coordinator(groupId), options)
          // from version 8 on several groups are asked at once
          const group = answer.groups[0] ?? answer
          throwItem(itemError(group.errorCode, doing))
          const offsets: PartitionOffset[] = []
          for (const { name, partitions } of group.topics)
            for (const { partitionIndex, committedOffset, errorCode } of partitions) {
              throwItem(itemError(errorCode, `${doing} in ${name}-${partitionIndex}`))
              if (committedOffset >= 0)
                offsets.push({ topic: name, partition: partitionIndex, offset: committedOffset })
            }
          return offsets
        },
        signal,
      )
    },
    alterGroupOffsets(groupId, offsets, signal) {
      const doing = `Changing the offsets of group ${groupId}`
      return onCoordinator(
        cluster,
        'group',
        groupId,
        async (s) => {
          const topics = byTopic(offsets, (p) => ({
            partitionIndex: p.partition,
            committedOffset: p.offset,
            committedMetadata: '',
          }))
          const options = { signal: s, maxVersion: BY_NAME }
          const answer = await cluster.request(
            offsetCommit,
            { groupId, topics },
            coordinator(groupId),
            options,
          )
          for (const { name, partitions } of answer.topics)
            for (const { partitionIndex, errorCode } of partitions)
              throwItem(itemError(errorCode, `${doing} in ${name}-${partitionIndex}`))
        },
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
