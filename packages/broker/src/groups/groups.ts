import { type AnswerOf, errorIds, type ReceivedOf } from '@isthmus/protocol'
import type {
  describeGroups,
  heartbeat,
  joinGroup,
  leaveGroup,
  listGroups,
  syncGroup,
} from '@isthmus/protocol/apis'
import type { CoordinatorContext } from '../coordinators/context.ts'
import { decodeGroupRecord, encodeGroupRecord, type GroupRecord } from '../coordinators/records.ts'
import type { StateEntry, StateProducer } from '../coordinators/state-log.ts'
import { messageOf } from '../request-error.ts'
import { type Group, type JoinAnswer, metadataOf, NO_ASSIGNMENT, newGroup, type SyncAnswer } from './group.ts'
import { type Caller, openMemberships } from './membership.ts'
import { openOffsets } from './offsets.ts'
import { openRebalancing } from './rebalance.ts'
import { groupRecord, loadedGroup } from './records.ts'

/** The groups of the classic protocol, of any `protocolType`; their committed offsets are in `offsets`. */
export type Groups = ReturnType<typeof openGroups>

/** Loads all groups: members of before a restart are there again, and go when they do not show up within their session. */
export function openGroups({ timers, settings, state, log }: CoordinatorContext) {
  const groups = new Map<string, Group>()
  const offsets = openOffsets()
  load()

  /** Appends the records and makes them true. Throws what the log throws; then nothing has changed. */
  function write(records: readonly GroupRecord[], producer?: StateProducer): void {
    if (records.length === 0) return
    let offset = state.append(records.map(encodeGroupRecord), producer)
    for (const record of records) {
      if (record.type === 'offset')
        offsets.replay(record.key, record.value, offset, producer?.producerId ?? -1)
      offset++
    }
  }
  function save(group: Group, assignments: ReadonlyMap<string, Buffer>): boolean {
    try {
      write([groupRecord(group, assignments)])
      return true
    } catch (error) {
      log.error(`Cannot write group ${group.id}: ${messageOf(error)}`)
      return false
    }
  }
  const rebalancing = openRebalancing({ timers, initialDelayMs: settings.initialRebalanceDelayMs, save })
  const memberships = openMemberships({ rebalancing, maxSize: settings.maxGroupSize, save })
  for (const group of groups.values())
    for (const member of group.members.values())
      rebalancing.keepAlive(group, member.id, member.sessionTimeoutMs)

  function load(): void {
    for (const entry of state.entries()) {
      if (entry.type !== 'record') {
        offsets.replayEnd(entry.producerId, entry.type)
        continue
      }
      const record = understood(entry)
      if (record?.type === 'offset') {
        offsets.replay(record.key, record.value, entry.offset, entry.producerId)
        if (record.value && !groups.has(record.key.group)) open(record.key.group)
      } else if (record?.value)
        groups.set(record.group, loadedGroup(record.group, record.value, timers.now()))
      else if (record) groups.delete(record.group)
    }
  }

  function understood(entry: StateEntry & { type: 'record' }): ReturnType<typeof decodeGroupRecord> {
    try {
      return decodeGroupRecord(entry.record)
    } catch (error) {
      state.notUnderstood(entry, error)
      return null
    }
  }

  function open(groupId: string): Group {
    let group = groups.get(groupId)
    if (!group) {
      group = newGroup(groupId, timers.now())
      groups.set(groupId, group)
    }
    return group
  }

  function join(caller: Caller, request: ReceivedOf<typeof joinGroup>): Promise<JoinAnswer> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const refuse = (errorCode: number) => Promise.resolve({ memberId, errorCode })
    if (groupId === '') return refuse(errorIds.INVALID_GROUP_ID)
    if (sessionTimeoutMs < settings.minSessionTimeoutMs || sessionTimeoutMs > settings.maxSessionTimeoutMs)
      return refuse(errorIds.INVALID_SESSION_TIMEOUT)
    if (memberId !== '' && !groups.has(groupId)) return refuse(errorIds.UNKNOWN_MEMBER_ID)
    const isNew = !groups.has(groupId)
    const group = open(groupId)
    const answer = new Promise<JoinAnswer>((settle) => {
      const now = memberships.join(group, caller, request, settle)
      if (now) settle(now)
    })
    // a group of which nothing was written yet would be unknown after a restart to a member that was given an id
    if (isNew && group.members.size === 0) save(group, new Map())
    return answer
  }

  function sync(request: ReceivedOf<typeof syncGroup>): Promise<SyncAnswer> {
    if (request.groupId === '') return Promise.resolve({ errorCode: errorIds.INVALID_GROUP_ID })
    const group = groups.get(request.groupId)
    if (!group) return Promise.resolve({ errorCode: errorIds.UNKNOWN_MEMBER_ID })
    return new Promise((settle) => {
      const now = memberships.sync(group, request, settle)
      if (now) settle(now)
    })
  }

  function beat(request: ReceivedOf<typeof heartbeat>): number {
    if (request.groupId === '') return errorIds.INVALID_GROUP_ID
    const group = groups.get(request.groupId)
    return errorIds[group ? memberships.beat(group, request) : 'UNKNOWN_MEMBER_ID']
  }

  /** Null members: the group itself is unknown, each of them is answered so. */
  function leave(
    groupId: string,
    members: ReceivedOf<typeof leaveGroup>['members'],
  ): AnswerOf<typeof leaveGroup> {
    if (groupId === '') return { errorCode: errorIds.INVALID_GROUP_ID }
    const group = groups.get(groupId)
    if (group) return { members: memberships.leave(group, members) }
    const errorCode = errorIds.UNKNOWN_MEMBER_ID
    return {
      members: members.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId, errorCode })),
    }
  }

  function describe(groupId: string): NonNullable<AnswerOf<typeof describeGroups>['groups']>[number] | null {
    const group = groups.get(groupId)
    if (!group) return null
    const isStable = group.state === 'Stable'
    return {
      groupId,
      groupState: group.state,
      protocolType: group.protocolType ?? '',
      protocolData: isStable ? (group.protocol ?? '') : '',
      members: Array.from(group.members.values(), (m) => ({
        memberId: m.id,
        groupInstanceId: m.instanceId,
        clientId: m.clientId,
        clientHost: m.clientHost,
        memberMetadata: isStable ? metadataOf(m, group.protocol) : NO_ASSIGNMENT,
        memberAssignment: m.assignment,
      })),
    }
  }

  function list(
    states: readonly string[],
    types: readonly string[],
  ): NonNullable<AnswerOf<typeof listGroups>['groups']> {
    const wantedStates = new Set(states.map((s) => s.toLowerCase()))
    const wantedTypes = new Set(types.map((t) => t.toLowerCase()))
    if (wantedTypes.size > 0 && !wantedTypes.has('classic')) return []
    return [...groups.values()]
      .filter((g) => wantedStates.size === 0 || wantedStates.has(g.state.toLowerCase()))
      .map((g) => ({
        groupId: g.id,
        protocolType: g.protocolType ?? '',
        groupState: g.state,
        groupType: 'Classic',
      }))
  }

  function remove(groupId: string): number {
    const group = groups.get(groupId)
    if (!group) return errorIds.GROUP_ID_NOT_FOUND
    if (group.state !== 'Empty') return errorIds.NON_EMPTY_GROUP
    write([...offsets.tombstones(groupId), { type: 'group', group: groupId, value: null }])
    rebalancing.retire(group)
    groups.delete(groupId)
    return errorIds.NONE
  }

  return {
    offsets,
    known: (groupId: string): Group | undefined => groups.get(groupId),
    all: (): Group[] => [...groups.values()],
    open,
    write,
    keepAlive: rebalancing.keepAlive,
    join,
    sync,
    beat,
    leave,
    describe,
    list,
    remove,
  }
}
