import type { ClientProps, Cluster } from './cluster.ts'

export interface GroupProtocol {
  readonly name: string
  /** Asked anew before every join. */
  readonly metadata: () => Uint8Array
}
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

/**
 * A membership in a group of the classic protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup), for any `protocolType`: `connect`
 * for workers, `consumer` for sinks.
 */
export type MembershipEvent =
  /** The group is about to rebalance: give up what you hold, then `rejoin`. Heartbeats go on meanwhile. */
  | { readonly type: 'rebalance' }
  | {
      readonly type: 'assigned'
      readonly generation: number
      readonly memberId: string
      readonly leader: string
      readonly protocol: string
      readonly assignment: Buffer
    }
  /** Membership was lost (session timeout, fenced): what was held may be another's already. A new join follows. */
  | { readonly type: 'lost'; readonly error: Error }

export interface MembershipOptions {
  readonly groupId: string
  readonly protocolType: string
  readonly protocols: readonly GroupProtocol[]
  /** Called on the leader: the assignment of every member, by member id. */
  readonly assign: (
    protocol: string,
    members: readonly GroupMember[],
  ) => Promise<ReadonlyMap<string, Uint8Array>> | ReadonlyMap<string, Uint8Array>
}

/** Heartbeats run on their own timer, whatever the reader of `events` does. Disposal leaves the group (unless static). */
export interface Membership extends AsyncDisposable {
  events(signal: AbortSignal): AsyncIterable<MembershipEvent>
  /** Joins again, after `rebalance` or because the member's metadata changed. */
  rejoin(reason: string): void
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}
export type OpenMembership = (cluster: Cluster, props: ClientProps, options: MembershipOptions) => Membership
