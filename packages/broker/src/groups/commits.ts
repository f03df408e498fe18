import { type ErrorName, errorIds } from '@isthmus/protocol'
import type { CoordinatorContext } from '../coordinators/context.ts'
import type { GroupRecord, OffsetKey } from '../coordinators/records.ts'
import type { StateProducer } from '../coordinators/state-log.ts'
import { type Group, memberError, newGroup } from './group.ts'
import type { Groups } from './groups.ts'
import { isSubscribedTo } from './subscription.ts'

/** Who commits: a member of a generation, or nobody in particular (generation -1, no member). */
export interface Committer {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export interface OffsetToCommit {
  readonly topic: string
  /** All zeros when the request names topics only. */
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string | null
}

export interface FetchedOffset {
  readonly partition: number
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

export interface CommitsContext extends Pick<CoordinatorContext, 'timers' | 'settings'> {
  readonly groups: Groups
}

/** Committing, fetching, deleting and expiring offsets. */
export type Commits = ReturnType<typeof openCommits>

export function openCommits({ groups, timers, settings }: CommitsContext) {
  const { offsets } = groups

  /** The group that the committer may commit for; for an outsider it need not exist, and does once something is written. */
  function groupOf(committer: Committer, unknown: ErrorName): Group | ErrorName {
    const { groupId, generationId } = committer
    return groups.known(groupId) ?? (generationId < 0 ? newGroup(groupId, timers.now()) : unknown)
  }

  function refusal(group: Group, committer: Committer, inTransaction: boolean): ErrorName | null {
    const { generationId, memberId, groupInstanceId } = committer
    if (generationId < 0 && group.state === 'Empty') return null
    if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
      const error = memberError(group, memberId, groupInstanceId)
      if (error) return error
      if (generationId !== group.generation) return 'ILLEGAL_GENERATION'
    } else if (!inTransaction && group.state !== 'Empty') return 'UNKNOWN_MEMBER_ID'
    // the member knows its generation but has no assignment in it yet
    if (!inTransaction && group.state === 'CompletingRebalance') return 'REBALANCE_IN_PROGRESS'
    return null
  }

  /** Writes those that can be written. Answers an error id per offset, in order. */
  function write(
    groupId: string,
    commits: readonly OffsetToCommit[],
    retentionMs: number,
    producer?: StateProducer,
  ): number[] {
    const now = timers.now()
    const records: GroupRecord[] = []
    const errors = commits.map(({ topic, topicId, partition, offset, leaderEpoch, metadata }) => {
      if (metadata !== null && metadata.length > settings.maxMetadataLength)
        return errorIds.OFFSET_METADATA_TOO_LARGE
      const value = {
        offset,
        leaderEpoch,
        metadata: metadata ?? '',
        commitTimestamp: now,
        expireTimestamp: retentionMs < 0 ? -1 : now + retentionMs,
        topicId,
      }
      records.push({ type: 'offset', key: { group: groupId, topic, partition }, value })
      return errorIds.NONE
    })
    groups.write(records, producer)
    if (records.length > 0) groups.open(groupId)
    return errors
  }

  const all = (commits: readonly OffsetToCommit[], error: ErrorName) => commits.map(() => errorIds[error])

  return {
    /** `retentionMs` below 0: the offsets live by the broker's retention. `version` is that of OffsetCommit. */
    commit(
      committer: Committer,
      commits: readonly OffsetToCommit[],
      retentionMs: number,
      version: number,
    ): number[] {
      const group = groupOf(committer, version >= 9 ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION')
      if (typeof group === 'string') return all(commits, group)
      const error = refusal(group, committer, false)
      if (error) return all(commits, error)
      const member = group.members.get(committer.memberId)
      if (member && (group.state === 'Stable' || group.state === 'PreparingRebalance'))
        groups.keepAlive(group, member.id, member.sessionTimeoutMs)
      return write(group.id, commits, retentionMs)
    },

    /** The offsets count once the producer's transaction is committed. */
    commitInTransaction(
      committer: Committer,
      commits: readonly OffsetToCommit[],
      producer: StateProducer,
    ): number[] {
      const group = groupOf(committer, 'ILLEGAL_GENERATION')
      if (typeof group === 'string') return all(commits, group)
      const error = refusal(group, committer, true)
      return error ? all(commits, error) : write(group.id, commits, -1, producer)
    },

    /** -1 where nothing is committed; `requireStable` refuses where a transaction's commit is undecided. */
    fetch(
      groupId: string,
      topic: string,
      topicId: string | null,
      partitions: readonly number[],
      requireStable: boolean,
    ): FetchedOffset[] {
      return partitions.map((partition) => {
        const nothing = { partition, offset: -1, leaderEpoch: -1, metadata: '' }
        if (requireStable && offsets.hasPending(groupId, topic, partition))
          return { ...nothing, errorCode: errorIds.UNSTABLE_OFFSET_COMMIT }
        const found = offsets.at(groupId, topic, partition)
        // a topic that was deleted and made again must not inherit its namesake's offsets
        const isForeign = topicId !== null && found && !isZero(found.topicId) && found.topicId !== topicId
        if (!found || isForeign) return { ...nothing, errorCode: errorIds.NONE }
        const { offset, leaderEpoch, metadata } = found
        return { partition, offset, leaderEpoch, metadata, errorCode: errorIds.NONE }
      })
    },

    /** The error that concerns the group, else one for each key, in order. */
    delete(groupId: string, keys: readonly Omit<OffsetKey, 'group'>[]): number | number[] {
      const group = groups.known(groupId)
      if (!group) return errorIds.GROUP_ID_NOT_FOUND
      if (group.state !== 'Empty' && group.protocolType !== 'consumer') return errorIds.NON_EMPTY_GROUP
      const records: GroupRecord[] = []
      const errors = keys.map(({ topic, partition }) => {
        if (group.state !== 'Empty' && isSubscribedTo(group, topic)) return errorIds.GROUP_SUBSCRIBED_TO_TOPIC
        if (offsets.at(groupId, topic, partition) || offsets.hasPending(groupId, topic, partition))
          records.push({ type: 'offset', key: { group: groupId, topic, partition }, value: null })
        return errorIds.NONE
      })
      groups.write(records)
      return errors
    },

    topicDeleted(topic: string): void {
      const records: GroupRecord[] = []
      for (const group of offsets.groups())
        for (const partition of offsets.ofGroup(group)?.get(topic)?.keys() ?? [])
          records.push({ type: 'offset', key: { group, topic, partition }, value: null })
      groups.write(records)
    },

    /** Forgets the offsets of groups that nobody has used for the retention time, and then the groups. */
    expire(): void {
      const now = timers.now()
      for (const group of groups.all()) {
        const records: GroupRecord[] = []
        let isLeft = offsets.hasPendingOf(group.id)
        for (const [topic, partitions] of offsets.ofGroup(group.id) ?? [])
          for (const [partition, committed] of partitions) {
            const since = expiryBase(group, committed.commitTimestamp)
            const isExpired =
              since !== null &&
              !isSubscribedTo(group, topic) &&
              !offsets.hasPending(group.id, topic, partition) &&
              (committed.expireTimestamp >= 0
                ? now >= committed.expireTimestamp
                : now - since >= settings.offsetsRetentionMs)
            if (isExpired)
              records.push({ type: 'offset', key: { group: group.id, topic, partition }, value: null })
            else isLeft = true
          }
        groups.write(records)
        // a group waiting for a member to come back with its new id is empty, but in use
        if (!isLeft && group.state === 'Empty' && group.pendingJoin.size === 0) groups.remove(group.id)
      }
    },
  }
}

/** From when on an offset ages; null while its group protects it. */
function expiryBase(group: Group, committedAt: number): number | null {
  if (group.protocolType === null) return committedAt
  if (group.state === 'Empty') return group.stateSince < 0 ? committedAt : group.stateSince
  const isKnown = group.protocolType === 'consumer' && group.subscribedTopics !== null
  return isKnown && group.state === 'Stable' ? committedAt : null
}

const isZero = (uuid: string) => /^0+$/.test(uuid)
