import { randomUUID } from 'node:crypto'
import { type AnswerOf, type ErrorName, errorIds, type ReceivedOf } from '@isthmus/protocol'
import type { heartbeat, joinGroup, leaveGroup, syncGroup } from '@isthmus/protocol/apis'
import {
  addMember,
  countJoined,
  type Group,
  hasSameProtocols,
  type JoinAnswer,
  joinAnswer,
  listMembers,
  type Member,
  memberError,
  NO_ASSIGNMENT,
  type Protocol,
  replaceStaticMember,
  type SyncAnswer,
  selectProtocol,
  supportsProtocols,
  syncAnswer,
} from './group.ts'
import { NEW_MEMBER_JOIN_TIMEOUT_MS, type Rebalancing } from './rebalance.ts'

/** Who sent a request, and in which version. */
export interface Caller {
  readonly version: number
  readonly clientId: string
  /** As Kafka prints an address: `/127.0.0.1`. */
  readonly clientHost: string
}

export interface MembershipContext {
  readonly rebalancing: Rebalancing
  /** `group.max.size`. */
  readonly maxSize: number
  save(group: Group, assignments: ReadonlyMap<string, Buffer>): boolean
}

const WAITS = null

const refused = (error: ErrorName, memberId = ''): JoinAnswer => ({ memberId, errorCode: errorIds[error] })

/**
 * JoinGroup, SyncGroup, Heartbeat and LeaveGroup of one group. Who joins or syncs is answered at once, or with `WAITS`: then
 * `later` gets the answer, exactly once, and possibly before the call returns.
 */
export type Memberships = ReturnType<typeof openMemberships>

export function openMemberships({ rebalancing, maxSize, save }: MembershipContext) {
  type Join = ReceivedOf<typeof joinGroup>
  type Later<T> = (answer: T) => void

  function join(group: Group, caller: Caller, request: Join, later: Later<JoinAnswer>): JoinAnswer | null {
    const { memberId, groupInstanceId, protocolType, protocols } = request
    if (group.state === 'Dead') return refused('COORDINATOR_NOT_AVAILABLE', memberId)
    if (!hasRoom(group, memberId)) {
      const member = group.members.get(memberId)
      if (member) rebalancing.remove(group, member)
      return refused('GROUP_MAX_SIZE_REACHED')
    }
    if (!supportsProtocols(group, protocolType, protocols))
      return refused('INCONSISTENT_GROUP_PROTOCOL', memberId)
    if (memberId !== '') return joinKnown(group, caller, request, later)
    if (groupInstanceId !== null) return joinStatic(group, caller, request, groupInstanceId, later)

    const newId = `${caller.clientId}-${randomUUID()}`
    if (caller.version < 4) return admit(group, caller, request, newId, later)
    group.pendingJoin.add(newId)
    rebalancing.keepAlive(group, newId, request.sessionTimeoutMs)
    return refused('MEMBER_ID_REQUIRED', newId)
  }

  function hasRoom(group: Group, memberId: string): boolean {
    const member = group.members.get(memberId)
    if (group.state === 'Empty') return true
    if (group.state === 'PreparingRebalance') return !!member?.join || countJoined(group) < maxSize
    return !!member || group.members.size < maxSize
  }

  function joinKnown(
    group: Group,
    caller: Caller,
    request: Join,
    later: Later<JoinAnswer>,
  ): JoinAnswer | null {
    const { memberId, groupInstanceId } = request
    if (group.pendingJoin.has(memberId)) return admit(group, caller, request, memberId, later)
    const error = memberError(group, memberId, groupInstanceId)
    const member = group.members.get(memberId)
    if (error || !member) return refused(error ?? 'UNKNOWN_MEMBER_ID', memberId)
    switch (group.state) {
      case 'PreparingRebalance':
        update(member, request, later)
        rebalancing.advance(group)
        return WAITS
      case 'CompletingRebalance':
        // the answer was lost: the member is told again what it joined
        if (hasSameProtocols(member, request.protocols)) return joinAnswer(group, member)
        update(member, request, later)
        rebalancing.advance(group)
        return WAITS
      case 'Stable':
        // a leader rejoins to have partitions assigned anew; a follower's unchanged request changes nothing
        if (group.leader !== memberId && hasSameProtocols(member, request.protocols))
          return { ...joinAnswer(group, member), members: [] }
        update(member, request, later)
        rebalancing.advance(group)
        return WAITS
      default:
        return refused('UNKNOWN_MEMBER_ID', memberId)
    }
  }

  function joinStatic(
    group: Group,
    caller: Caller,
    request: Join,
    instanceId: string,
    later: Later<JoinAnswer>,
  ): JoinAnswer | null {
    const newId = `${instanceId}-${randomUUID()}`
    const old = group.members.get(group.staticMembers.get(instanceId) ?? '')
    if (!old) return admit(group, caller, request, newId, later)
    const formerLeader = group.leader
    rebalancing.forgetSession(group, old.id)
    const member = replaceStaticMember(group, old, newId)
    rebalancing.keepAlive(group, newId, request.sessionTimeoutMs)
    update(member, request, later)
    if (group.state === 'CompletingRebalance') {
      rebalancing.prepare(group)
      return WAITS
    }
    if (group.state !== 'Stable' || group.protocol !== selectProtocol(group)) {
      rebalancing.advance(group)
      return WAITS
    }
    // a restarted process takes its assignment back without disturbing the others
    const assignments = new Map(Array.from(group.members.values(), (m) => [m.id, m.assignment]))
    member.join = null
    if (!save(group, assignments)) return refused('COORDINATOR_NOT_AVAILABLE')
    const same = { ...joinAnswer(group, member), members: [] }
    // up to version 8 the leader is named by its former id, or it would assign anew what nobody asks it for
    if (caller.version < 9) return { ...same, leader: formerLeader ?? '' }
    if (group.leader !== newId) return same
    return { ...same, members: listMembers(group), skipAssignment: true }
  }

  function admit(
    group: Group,
    caller: Caller,
    request: Join,
    memberId: string,
    later: Later<JoinAnswer>,
  ): JoinAnswer | null {
    const member: Member = {
      id: memberId,
      instanceId: request.groupInstanceId,
      clientId: caller.clientId,
      clientHost: caller.clientHost,
      ...timeoutsOf(request),
      protocols: copied(request.protocols),
      assignment: NO_ASSIGNMENT,
      isNew: true,
      join: later,
      sync: null,
    }
    if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true
    addMember(group, member, request.protocolType)
    rebalancing.keepAlive(group, memberId, NEW_MEMBER_JOIN_TIMEOUT_MS)
    rebalancing.advance(group)
    return WAITS
  }

  function update(member: Member, request: Join, later: Later<JoinAnswer>): void {
    member.protocols = copied(request.protocols)
    Object.assign(member, timeoutsOf(request))
    const waiting = member.join
    member.join = later
    // a client that gave up waiting sends again: the first request must not stay without an answer
    waiting?.(refused('REBALANCE_IN_PROGRESS', member.id))
  }

  function sync(
    group: Group,
    request: ReceivedOf<typeof syncGroup>,
    later: Later<SyncAnswer>,
  ): SyncAnswer | null {
    const { memberId, generationId, groupInstanceId, protocolType, protocolName } = request
    const member = group.members.get(memberId)
    const error = memberError(group, memberId, groupInstanceId)
    if (group.state === 'Dead') return { errorCode: errorIds.COORDINATOR_NOT_AVAILABLE }
    if (error || !member) return { errorCode: errorIds[error ?? 'UNKNOWN_MEMBER_ID'] }
    if (generationId !== group.generation) return { errorCode: errorIds.ILLEGAL_GENERATION }
    const isForeign =
      (protocolType !== null && protocolType !== group.protocolType) ||
      (protocolName !== null && protocolName !== group.protocol)
    if (isForeign) return { errorCode: errorIds.INCONSISTENT_GROUP_PROTOCOL }
    switch (group.state) {
      case 'PreparingRebalance':
        return { errorCode: errorIds.REBALANCE_IN_PROGRESS }
      case 'CompletingRebalance': {
        member.sync?.({ errorCode: errorIds.REBALANCE_IN_PROGRESS })
        member.sync = later
        rebalancing.synced(group, memberId)
        if (group.leader !== memberId) return WAITS
        const assignments = new Map<string, Buffer>()
        for (const a of request.assignments) assignments.set(a.memberId, Buffer.from(a.assignment))
        rebalancing.assign(group, assignments)
        return WAITS
      }
      case 'Stable':
        rebalancing.synced(group, memberId)
        return syncAnswer(group, member)
      default:
        return { errorCode: errorIds.UNKNOWN_MEMBER_ID }
    }
  }

  function beat(group: Group, request: ReceivedOf<typeof heartbeat>): ErrorName | 'NONE' {
    const { memberId, generationId, groupInstanceId } = request
    if (group.state === 'Dead') return 'COORDINATOR_NOT_AVAILABLE'
    const error = memberError(group, memberId, groupInstanceId)
    const member = group.members.get(memberId)
    if (error || !member) return error ?? 'UNKNOWN_MEMBER_ID'
    if (generationId !== group.generation) return 'ILLEGAL_GENERATION'
    rebalancing.keepAlive(group, memberId, member.sessionTimeoutMs)
    return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE'
  }

  function leave(
    group: Group,
    leaving: ReceivedOf<typeof leaveGroup>['members'],
  ): AnswerOf<typeof leaveGroup>['members'] {
    let left = false
    const answers = leaving.map(({ memberId, groupInstanceId }) => {
      const error = leaveOne(group, memberId, groupInstanceId)
      if (error === 'NONE') left = true
      return { memberId, groupInstanceId, errorCode: errorIds[error] }
    })
    if (left) rebalancing.afterRemoval(group)
    return answers
  }
  function leaveOne(group: Group, memberId: string, instanceId: string | null): ErrorName | 'NONE' {
    if (group.pendingJoin.has(memberId)) {
      rebalancing.forgetPending(group, memberId)
      return 'NONE'
    }
    // an administrator removes a static member by its instance id alone
    const id = memberId === '' ? group.staticMembers.get(instanceId ?? '') : memberId
    if (id === undefined) return 'UNKNOWN_MEMBER_ID'
    const error = memberError(group, id, instanceId)
    const member = group.members.get(id)
    if (error || !member) return error ?? 'UNKNOWN_MEMBER_ID'
    rebalancing.remove(group, member)
    return 'NONE'
  }

  return { join, sync, beat, leave }
}

/** Version 0 of JoinGroup knows one timeout only. */
const timeoutsOf = ({ sessionTimeoutMs, rebalanceTimeoutMs }: ReceivedOf<typeof joinGroup>) => ({
  sessionTimeoutMs,
  rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
})

/** A received message is a view of its frame, which a long-lived member must not keep alive. */
const copied = (protocols: readonly Protocol[]): readonly Protocol[] =>
  protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }))
