import type { Api } from '@isthmus/protocol'

/** What brokers coordinate: the members of a group, or the transactions of a transactional id. */
export type CoordinatorKind = 'group' | 'transaction'

/** Whom a request is for. */
export type Target =
  | { readonly to: 'any' }
  | { readonly to: 'controller' }
  | { readonly to: 'node'; readonly node: number }
  | { readonly to: 'leader'; readonly topic: string; readonly partition: number }
  | { readonly to: 'coordinator'; readonly kind: CoordinatorKind; readonly key: string }

/** APIs of group members: they may block for a whole rebalance, or must not wait behind what blocks. */
const memberApis = new Set(['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'OffsetCommit'])

/** What of a request's target names the lane: long polls and every group's traffic have connections of their own. */
export function laneOf(api: Api, target: Target): string {
  if (api.name === 'Fetch') return 'fetch'
  if (target.to !== 'coordinator') return ''
  return memberApis.has(api.name) ? `member ${target.key}` : 'coordinator'
}
