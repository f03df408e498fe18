import { type ErrorName, errorIds } from '@isthmus/protocol'
import type { Timers } from '../coordinators/timers.ts'
import {
  answerJoin,
  answerSync,
  canRebalance,
  electJoinedLeader,
  type Group,
  hasAllMembersJoined,
  joinAnswer,
  type Member,
  NO_ASSIGNMENT,
  rebalanceTimeoutMs,
  removeMember,
  selectProtocol,
  syncAnswer,
  transition,
} from './group.ts'
import { readSubscribedTopics } from './subscription.ts'

/** A member that joins for the first time must be answered within this time, whatever its session timeout. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000

export interface RebalanceContext {
  readonly timers: Timers
  /** `group.initial.rebalance.delay.ms`: how long an empty group waits for company before its first generation. */
  readonly initialDelayMs: number
  /** Writes the group as it is now, with these assignments; false when it could not be written. */
  save(group: Group, assignments: ReadonlyMap<string, Buffer>): boolean
}

/** The phases of a rebalance: members are gathered, a generation begins, its leader's assignment is spread. */
export type Rebalancing = ReturnType<typeof openRebalancing>

export function openRebalancing({ timers, initialDelayMs, save }: RebalanceContext) {
  function schedule(group: Group, key: string, ms: number, callback: () => void): void {
    group.timers.get(key)?.()
    group.timers.set(
      key,
      timers.after(ms, () => {
        group.timers.delete(key)
        callback()
      }),
    )
  }
  function cancel(group: Group, key: string): void {
    group.timers.get(key)?.()
    group.timers.delete(key)
  }
  const sessionKey = (memberId: string) => `session ${memberId}`

  function keepAlive(group: Group, memberId: string, timeoutMs: number): void {
    schedule(group, sessionKey(memberId), timeoutMs, () => expireSession(group, memberId))
  }

  function expireSession(group: Group, memberId: string): void {
    if (group.pendingJoin.delete(memberId)) {
      completeWhenAllJoined(group)
      return
    }
    const member = group.members.get(memberId)
    // whoever waits in a request is alive, except that a new member's first join has an end
    if (!member || (!member.isNew && (member.join || member.sync))) return
    remove(group, member)
    afterRemoval(group)
  }

  /** Takes a member out without deciding what that means for the group; `afterRemoval` does. */
  function remove(group: Group, member: Member): void {
    cancel(group, sessionKey(member.id))
    answerJoin(member, { memberId: '', errorCode: errorIds.UNKNOWN_MEMBER_ID })
    answerSync(member, { errorCode: errorIds.UNKNOWN_MEMBER_ID })
    removeMember(group, member.id)
  }
  function afterRemoval(group: Group): void {
    if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepare(group)
    else completeWhenAllJoined(group)
  }
  function forgetSession(group: Group, memberId: string): void {
    cancel(group, sessionKey(memberId))
  }
  function forgetPending(group: Group, memberId: string): void {
    forgetSession(group, memberId)
    group.pendingJoin.delete(memberId)
  }

  /** A member came or changed: a rebalance starts, or the one under way may now be complete. */
  function advance(group: Group): void {
    if (canRebalance(group)) prepare(group)
    else completeWhenAllJoined(group)
  }

  function completeWhenAllJoined(group: Group): void {
    // the first rebalance of an empty group ends by its delay, not by everyone being there
    if (group.state !== 'PreparingRebalance' || group.previousState === 'Empty') return
    if (hasAllMembersJoined(group)) completeJoin(group)
  }

  function prepare(group: Group): void {
    if (group.state === 'CompletingRebalance') resetAssignments(group, 'REBALANCE_IN_PROGRESS')
    group.pendingSync.clear()
    cancel(group, 'sync')
    const isFirst = group.state === 'Empty'
    transition(group, 'PreparingRebalance', timers.now())
    if (isFirst) {
      const remainingMs = Math.max(rebalanceTimeoutMs(group) - initialDelayMs, 0)
      delayFirst(group, initialDelayMs, remainingMs)
    } else if (hasAllMembersJoined(group)) completeJoin(group)
    else schedule(group, 'join', rebalanceTimeoutMs(group), () => completeJoin(group))
  }

  /** Every newcomer prolongs the wait by another delay, up to the rebalance timeout. */
  function delayFirst(group: Group, delayMs: number, remainingMs: number): void {
    const waited = () => {
      if (group.newMemberAdded && remainingMs > 0) {
        group.newMemberAdded = false
        delayFirst(group, Math.min(initialDelayMs, remainingMs), Math.max(remainingMs - delayMs, 0))
      } else completeJoin(group)
    }
    if (delayMs > 0) schedule(group, 'join', delayMs, waited)
    else completeJoin(group)
  }

  function completeJoin(group: Group): void {
    cancel(group, 'join')
    if (group.state !== 'PreparingRebalance') return
    for (const member of [...group.members.values()]) {
      // a static member keeps its place until its session ends
      if (!member.join && member.instanceId === null) remove(group, member)
    }
    if (group.members.size > 0 && !electJoinedLeader(group)) {
      schedule(group, 'join', rebalanceTimeoutMs(group), () => completeJoin(group))
      return
    }
    group.generation++
    group.pendingSync.clear()
    group.newMemberAdded = false
    group.protocol = group.members.size > 0 ? selectProtocol(group) : null
    group.subscribedTopics = readSubscribedTopics(group)
    if (group.members.size === 0) {
      transition(group, 'Empty', timers.now())
      save(group, new Map())
      return
    }
    transition(group, 'CompletingRebalance', timers.now())
    for (const member of group.members.values()) {
      keepAlive(group, member.id, member.sessionTimeoutMs)
      group.pendingSync.add(member.id)
      member.isNew = false
      answerJoin(member, joinAnswer(group, member))
    }
    const { generation } = group
    schedule(group, 'sync', rebalanceTimeoutMs(group), () => expireSync(group, generation))
  }

  function expireSync(group: Group, generation: number): void {
    if (generation !== group.generation || group.pendingSync.size === 0) return
    if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return
    for (const memberId of [...group.pendingSync]) {
      const member = group.members.get(memberId)
      if (member) remove(group, member)
    }
    prepare(group)
  }

  function synced(group: Group, memberId: string): void {
    group.pendingSync.delete(memberId)
    if (group.pendingSync.size === 0) cancel(group, 'sync')
  }

  /** The leader's assignment is written before anybody hears it, so that a restart cannot tell another story. */
  function assign(group: Group, assignments: ReadonlyMap<string, Buffer>): void {
    if (!save(group, assignments)) {
      resetAssignments(group, 'COORDINATOR_NOT_AVAILABLE')
      prepare(group)
      return
    }
    transition(group, 'Stable', timers.now())
    for (const member of group.members.values()) {
      member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT
      if (answerSync(member, syncAnswer(group, member))) keepAlive(group, member.id, member.sessionTimeoutMs)
    }
  }

  function resetAssignments(group: Group, error: ErrorName): void {
    for (const member of group.members.values()) {
      member.assignment = NO_ASSIGNMENT
      if (answerSync(member, { errorCode: errorIds[error] }))
        keepAlive(group, member.id, member.sessionTimeoutMs)
    }
  }

  /** The group is gone: nothing of it may happen any more. */
  function retire(group: Group): void {
    for (const stop of group.timers.values()) stop()
    group.timers.clear()
    transition(group, 'Dead', timers.now())
  }

  return {
    keepAlive,
    remove,
    afterRemoval,
    forgetSession,
    forgetPending,
    advance,
    prepare,
    synced,
    assign,
    retire,
  }
}
