import { type AnswerOf, type ErrorName, errorIds } from '@isthmus/protocol'
import type { joinGroup, syncGroup } from '@isthmus/protocol/apis'

// One group of the classic protocol: its data, and what can be said of it. What happens to it over time is in
// `rebalance.ts`; the rules are those of Apache Kafka's `ClassicGroup`.

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'
export type JoinAnswer = AnswerOf<typeof joinGroup>
export type SyncAnswer = AnswerOf<typeof syncGroup>

export interface Protocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface Member {
  readonly id: string
  /** `group.instance.id` of a static member (KIP-345). */
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  rebalanceTimeoutMs: number
  sessionTimeoutMs: number
  /** In the member's order of preference. */
  protocols: readonly Protocol[]
  assignment: Buffer
  /** Has not been answered a JoinGroup yet, so its session runs even while it waits for one. */
  isNew: boolean
  /** Answers the JoinGroup or SyncGroup that the member is waiting in. */
  join: ((answer: JoinAnswer) => void) | null
  sync: ((answer: SyncAnswer) => void) | null
}

export interface Group {
  readonly id: string
  state: GroupState
  previousState: GroupState
  /** When `state` last changed; -1 when records too old to say so were loaded. */
  stateSince: number
  generation: number
  /** Null for a group that only ever stored offsets. */
  protocolType: string | null
  protocol: string | null
  leader: string | null
  readonly members: Map<string, Member>
  /** Instance id → member id. */
  readonly staticMembers: Map<string, string>
  /** Ids handed out with MEMBER_ID_REQUIRED that have not come back yet. */
  readonly pendingJoin: Set<string>
  /** Members of this generation whose SyncGroup has not come yet. */
  readonly pendingSync: Set<string>
  /** A member came while the first rebalance was being delayed, which prolongs the delay. */
  newMemberAdded: boolean
  /** Of a consumer group whose subscriptions can be read; null when unknown. */
  subscribedTopics: ReadonlySet<string> | null
  /** How to cancel what is scheduled: `join`, `sync`, and `session <member id>`. */
  readonly timers: Map<string, () => void>
}

export const NO_ASSIGNMENT = Buffer.alloc(0)

export function newGroup(id: string, now: number): Group {
  return {
    id,
    state: 'Empty',
    previousState: 'Empty',
    stateSince: now,
    generation: 0,
    protocolType: null,
    protocol: null,
    leader: null,
    members: new Map(),
    staticMembers: new Map(),
    pendingJoin: new Set(),
    pendingSync: new Set(),
    newMemberAdded: false,
    subscribedTopics: null,
    timers: new Map(),
  }
}

const predecessors: { readonly [S in GroupState]: readonly GroupState[] } = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
}

export function transition(group: Group, state: GroupState, now: number): void {
  if (!predecessors[state].includes(group.state))
    throw new Error(`Group ${group.id} cannot go from ${group.state} to ${state}`)
  group.previousState = group.state
  group.state = state
  group.stateSince = now
}

export const canRebalance = (group: Group): boolean => predecessors.PreparingRebalance.includes(group.state)

export function addMember(group: Group, member: Member, protocolType: string): void {
  if (group.members.size === 0) group.protocolType = protocolType
  group.members.set(member.id, member)
  if (member.instanceId !== null) group.staticMembers.set(member.instanceId, member.id)
  group.leader ??= member.id
  group.pendingJoin.delete(member.id)
}

/** The member leaves; when it led, the longest-standing of the others leads. */
export function removeMember(group: Group, memberId: string): void {
  const member = group.members.get(memberId)
  group.members.delete(memberId)
  if (member?.instanceId != null) group.staticMembers.delete(member.instanceId)
  if (group.leader === memberId) group.leader = group.members.keys().next().value ?? null
  group.pendingJoin.delete(memberId)
  group.pendingSync.delete(memberId)
}

/** A static member came back under a new id: it takes the old one's place, assignment and leadership. */
export function replaceStaticMember(group: Group, old: Member, newId: string): Member {
  answerJoin(old, { memberId: old.id, errorCode: errorIds.FENCED_INSTANCE_ID })
  answerSync(old, { errorCode: errorIds.FENCED_INSTANCE_ID })
  const member: Member = { ...old, id: newId, isNew: false, join: null, sync: null }
  group.members.delete(old.id)
  group.members.set(newId, member)
  if (group.leader === old.id) group.leader = newId
  if (member.instanceId !== null) group.staticMembers.set(member.instanceId, newId)
  if (group.pendingSync.delete(old.id)) group.pendingSync.add(newId)
  return member
}

export function answerJoin(member: Member, answer: JoinAnswer): void {
  const settle = member.join
  member.join = null
  settle?.(answer)
}
/** Whether anyone was waiting. */
export function answerSync(member: Member, answer: SyncAnswer): boolean {
  const settle = member.sync
  member.sync = null
  settle?.(answer)
  return settle !== null
}

export function hasAllMembersJoined(group: Group): boolean {
  if (group.pendingJoin.size > 0) return false
  for (const member of group.members.values()) if (!member.join) return false
  return true
}

/** How many members wait in a JoinGroup. */
export function countJoined(group: Group): number {
  let joined = 0
  for (const member of group.members.values()) if (member.join) joined++
  return joined
}

/** Lets a leader that did not rejoin be succeeded by a member that did; false when nobody can lead. */
export function electJoinedLeader(group: Group): boolean {
  const leader = group.leader === null ? undefined : group.members.get(group.leader)
  if (!leader) return false
  if (leader.join) return true
  for (const member of group.members.values()) {
    if (!member.join) continue
    group.leader = member.id
    return true
  }
  return false
}

/** The longest that any member may need to rejoin. */
export function rebalanceTimeoutMs(group: Group): number {
  let longest = 0
  for (const member of group.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs)
  return longest
}

export function metadataOf(member: Member, protocol: string | null): Buffer {
  return member.protocols.find((p) => p.name === protocol)?.metadata ?? NO_ASSIGNMENT
}

export function hasSameProtocols(member: Member, protocols: readonly Protocol[]): boolean {
  return (
    member.protocols.length === protocols.length &&
    member.protocols.every((mine, i) => {
      const other = protocols[i]
      return other !== undefined && mine.name === other.name && mine.metadata.equals(other.metadata)
    })
  )
}

const supportsAll = (group: Group, name: string): boolean => {
  for (const member of group.members.values())
    if (!member.protocols.some((p) => p.name === name)) return false
  return true
}

export function supportsProtocols(
  group: Group,
  protocolType: string,
  protocols: readonly Protocol[],
): boolean {
  if (group.state === 'Empty') return protocolType !== '' && protocols.length > 0
  return group.protocolType === protocolType && protocols.some((p) => supportsAll(group, p.name))
}

/** Every member votes for the first of its protocols that all know; the most votes win, the earliest on a tie. */
export function selectProtocol(group: Group): string | null {
  const votes = new Map<string, number>()
  for (const member of group.members.values()) {
    const vote = member.protocols.find((p) => supportsAll(group, p.name))
    if (vote) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1)
  }
  let winner: string | null = null
  let most = 0
  for (const [name, count] of votes) {
    if (count <= most) continue
    winner = name
    most = count
  }
  return winner
}

/** Whether a request's member id and instance id name a present member. */
export function memberError(group: Group, memberId: string, instanceId: string | null): ErrorName | null {
  if (instanceId !== null) {
    const known = group.staticMembers.get(instanceId)
    if (known === undefined) return 'UNKNOWN_MEMBER_ID'
    if (known !== memberId) return 'FENCED_INSTANCE_ID'
  }
  return group.members.has(memberId) ? null : 'UNKNOWN_MEMBER_ID'
}

/** The answer to a member that is in the group's present generation; the leader is told who the others are. */
export function joinAnswer(group: Group, member: Member): JoinAnswer {
  const isLeader = group.leader === member.id
  return {
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocol ?? '',
    leader: group.leader ?? '',
    memberId: member.id,
    members: isLeader ? listMembers(group) : [],
  }
}
export const listMembers = (group: Group): JoinAnswer['members'] =>
  Array.from(group.members.values(), (m) => ({
    memberId: m.id,
    groupInstanceId: m.instanceId,
    metadata: metadataOf(m, group.protocol),
  }))

export const syncAnswer = (group: Group, member: Member): SyncAnswer => ({
  protocolType: group.protocolType,
  protocolName: group.protocol,
  assignment: member.assignment,
})
