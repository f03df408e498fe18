import { assignCooperative, type Rounds } from './assign-cooperative.ts'
import { assignEager } from './assign-eager.ts'
import {
  ASSIGNED,
  type Assignment,
  CONFIG_MISMATCH,
  decodeMetadata,
  encodeAssignment,
  protocolOf,
} from './protocol.ts'
import { NO_WORK, type Work } from './work.ts'

/** A round of the group as its leader sees it. */
export interface LeaderRound {
  /** As the members agreed upon it: `sessioned`, `compatible` or `default`. */
  readonly protocol: string
  /** Member id of the leader. */
  readonly leader: string
  readonly members: readonly { readonly memberId: string; readonly metadata: Uint8Array }[]
  /** Of the snapshot that `configured` is of. */
  readonly offset: number
  /** All connectors, and the tasks of those whose tasks are consistent. */
  readonly configured: Work
  readonly generation: number
  readonly lastCompleted: number
  readonly nowMs: number
  readonly maxDelayMs: number
}
export interface LeaderDecision {
  /** Bytes for SyncGroup, by member id. */
  readonly assignments: ReadonlyMap<string, Uint8Array>
  readonly rounds: Rounds
  /** How long the work of members that left waits for them. */
  readonly delayMs: number
  /** What each member runs after the round, with the URL of its REST API; empty when the round failed. */
  readonly owners: readonly { readonly memberId: string; readonly url: string; readonly work: Work }[]
}

/** The highest offset of the members: a leader that has read less must read on before it assigns. */
export function offsetOfMembers(members: LeaderRound['members']): number {
  return Math.max(-1, ...members.map(({ metadata }) => decodeMetadata(metadata).offset))
}

/** Assigns the work of a group; when the leader has not read all that a member has, tells everybody to read on and join again. */
export function assignGroup(rounds: Rounds, round: LeaderRound): LeaderDecision {
  const { protocol, leader } = round
  const members = round.members.map(({ memberId, metadata }) => ({ memberId, ...decodeMetadata(metadata) }))
  const leaderUrl = members.find(({ memberId }) => memberId === leader)?.url ?? ''
  const offset = Math.max(round.offset, ...members.map((one) => one.offset))
  const behind = offset > round.offset
  const tell = (change: (memberId: string) => Pick<Assignment, 'assigned' | 'revoked' | 'delayMs'>) =>
    new Map(
      members.map(({ memberId }) => {
        const error = behind ? CONFIG_MISMATCH : ASSIGNED
        const told: Assignment = { error, leader, leaderUrl, offset, ...change(memberId) }
        return [memberId, encodeAssignment(protocol, told)]
      }),
    )
  const nothing = { assigned: NO_WORK, revoked: NO_WORK, delayMs: 0 }
  const ownersOf = (shares: ReadonlyMap<string, Work>) =>
    members.map(({ memberId, url }) => ({ memberId, url, work: shares.get(memberId) ?? NO_WORK }))

  if (behind) return { assignments: tell(() => nothing), rounds, owners: [], delayMs: 0 }
  if (protocolOf(protocol) === 'eager') {
    const shares = assignEager(
      members.map(({ memberId }) => memberId),
      round.configured,
    )
    const assignments = tell((id) => ({ ...nothing, assigned: shares.get(id) ?? NO_WORK }))
    return { assignments, rounds, owners: ownersOf(shares), delayMs: 0 }
  }
  const running = new Map(members.map((one) => [one.memberId, one.allocation?.assigned ?? NO_WORK]))
  const decision = assignCooperative(rounds, { ...round, running })
  const { assigned, revoked, all, delayMs } = decision.result
  return {
    assignments: tell((id) => ({
      assigned: assigned.get(id) ?? NO_WORK,
      revoked: revoked.get(id) ?? NO_WORK,
      delayMs,
    })),
    rounds: decision.rounds,
    delayMs,
    owners: ownersOf(all),
  }
}
