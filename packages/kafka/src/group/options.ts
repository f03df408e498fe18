import type { Stalled } from '../stall.ts'

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

export interface MembershipOptions {
  readonly groupId: string
  readonly protocolType: string
  readonly protocols: readonly GroupProtocol[]
  /**
   * Called on the leader: the assignment of every member, by member id, for the generation that is about to begin. `memberId` is
   * its own by then. When it fails the join is tried again.
   */
  readonly assign: (
    protocol: string,
    members: readonly GroupMember[],
    generation: number,
  ) => Promise<ReadonlyMap<string, Uint8Array>> | ReadonlyMap<string, Uint8Array>
  /** Called on a static leader that has come back, instead of `assign`: the group keeps the assignment that it has. */
  readonly resume?: (members: readonly GroupMember[]) => Promise<void>
  /** Told when the group's coordinator could not be had for a while. */
  readonly stalled?: Stalled | undefined
}
