import type { GroupRecord, GroupValue } from '../coordinators/records.ts'
import { addMember, type Group, type Member, metadataOf, NO_ASSIGNMENT, newGroup } from './group.ts'
import { readSubscribedTopics } from './subscription.ts'

/** The group as it is now, with these assignments, for the log. */
export function groupRecord(group: Group, assignments: ReadonlyMap<string, Buffer>): GroupRecord {
  const value: GroupValue = {
    protocolType: group.protocolType ?? '',
    generation: group.generation,
    protocol: group.protocol,
    leader: group.leader,
    currentStateTimestamp: group.stateSince,
    members: Array.from(group.members.values(), (m) => ({
      memberId: m.id,
      groupInstanceId: m.instanceId,
      clientId: m.clientId,
      clientHost: m.clientHost,
      rebalanceTimeout: m.rebalanceTimeoutMs,
      sessionTimeout: m.sessionTimeoutMs,
      subscription: metadataOf(m, group.protocol),
      assignment: assignments.get(m.id) ?? NO_ASSIGNMENT,
    })),
  }
  return { type: 'group', group: group.id, value }
}

/** The group that the log tells of: its members are taken to be there until their sessions end. */
export function loadedGroup(id: string, value: GroupValue, now: number): Group {
  const group = newGroup(id, now)
  for (const m of value.members) {
    const member: Member = {
      id: m.memberId,
      instanceId: m.groupInstanceId,
      clientId: m.clientId,
      clientHost: m.clientHost,
      rebalanceTimeoutMs: m.rebalanceTimeout < 0 ? m.sessionTimeout : m.rebalanceTimeout,
      sessionTimeoutMs: m.sessionTimeout,
      protocols: [{ name: value.protocol ?? '', metadata: Buffer.from(m.subscription) }],
      assignment: Buffer.from(m.assignment),
      isNew: false,
      join: null,
      sync: null,
    }
    addMember(group, member, value.protocolType)
  }
  group.state = group.members.size > 0 ? 'Stable' : 'Empty'
  group.stateSince = value.currentStateTimestamp
  group.generation = value.generation
  group.protocolType = value.protocolType === '' ? null : value.protocolType
  group.protocol = value.protocol
  group.leader = value.leader
  group.subscribedTopics = readSubscribedTopics(group)
  return group
}
