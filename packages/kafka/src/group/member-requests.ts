import type { ResponseOf } from '@isthmus/protocol'
import { heartbeat, joinGroup, syncGroup } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../errors.ts'
import { clientProperties } from '../properties/client.ts'
import { int, nonEmpty, type OptionsOf } from '../properties/types.ts'
import { timeLimit } from '../waiting.ts'
import type { MembershipOptions } from './options.ts'

export const membershipProperties = {
  ...clientProperties,
  'session.timeout.ms': int(45_000, { min: 1 }),
  'heartbeat.interval.ms': int(3_000, { min: 1 }),
  'group.instance.id': nonEmpty(null),
  /** Workers have this one, consumers the next. */
  'rebalance.timeout.ms': int(-1),
  'max.poll.interval.ms': int(300_000, { min: 1 }),
} as const

/** The answer to a join: a generation that begins once everyone has its assignment. */
export type Joined = ResponseOf<typeof joinGroup>

/** What a member asks its coordinator, each once. Rejects with the error that is answered. */
export interface MemberRequests {
  /** `memberId` is empty in a first join: it may be answered with a member id only, to come back with. */
  join(
    memberId: string,
    reason: string,
    signal: AbortSignal,
  ): Promise<{ readonly memberId: string; readonly joined: Joined | null }>
  /** The member's assignment. `shares` are everyone's, from the leader. */
  sync(joined: Joined, shares: ReadonlyMap<string, Uint8Array>, signal: AbortSignal): Promise<Buffer>
  /** The error that a heartbeat is answered with, or fails with within `ms`; null when all is well. */
  heartbeat(generation: number, memberId: string, ms: number, signal: AbortSignal): Promise<KafkaError | null>
}

/** Beyond the rebalance timeout, until a join that is not answered counts as lost. */
const JOIN_GRACE_MS = 5_000

/** On connections of `lane`: a join holds up what is behind it, another member of the group for instance. */
export function memberRequests(
  cluster: Cluster,
  settings: OptionsOf<typeof membershipProperties>,
  { groupId, protocolType, protocols }: MembershipOptions,
  lane: string,
): MemberRequests {
  const { 'group.instance.id': groupInstanceId, 'rebalance.timeout.ms': ownTimeoutMs } = settings
  const rebalanceTimeoutMs = ownTimeoutMs < 0 ? settings['max.poll.interval.ms'] : ownTimeoutMs
  const coordinator = { to: 'coordinator', kind: 'group', key: groupId } as const
  const timeoutMs = rebalanceTimeoutMs + JOIN_GRACE_MS

  return {
    async join(memberId, reason, signal) {
      const body = {
        groupId,
        sessionTimeoutMs: settings['session.timeout.ms'],
        rebalanceTimeoutMs,
        memberId,
        groupInstanceId,
        protocolType,
        protocols: protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata()) })),
        reason: reason.slice(0, 255),
      }
      const joined = await cluster.request(joinGroup, body, coordinator, { signal, timeoutMs, lane })
      if (joined.errorCode === 0) return { memberId: joined.memberId, joined }
      const error = kafkaError(joined.errorCode, `Joining group ${groupId}`)
      if (error.kafka === 'MEMBER_ID_REQUIRED') return { memberId: joined.memberId, joined: null }
      throw error
    },
    async sync({ generationId, memberId, protocolName }, shares, signal) {
      const body = {
        groupId,
        generationId,
        memberId,
        groupInstanceId,
        protocolType,
        protocolName: protocolName ?? '',
        assignments: [...shares].map(([member, share]) => ({
          memberId: member,
          assignment: Buffer.from(share),
        })),
      }
      const synced = await cluster.request(syncGroup, body, coordinator, { signal, timeoutMs, lane })
      if (synced.errorCode !== 0) throw kafkaError(synced.errorCode, `Syncing with group ${groupId}`)
      return synced.assignment
    },
    async heartbeat(generationId, memberId, ms, signal) {
      const body = { groupId, generationId, memberId, groupInstanceId }
      const late = timeLimit(ms)
      const doing = `Heartbeat of group ${groupId}`
      try {
        const options = { signal: AbortSignal.any([signal, late]), lane }
        const { errorCode } = await cluster.request(heartbeat, body, coordinator, options)
        return errorCode === 0 ? null : kafkaError(errorCode, doing)
      } catch (error) {
        if (!late.aborted) return error as KafkaError
        return new KafkaError('TIMED_OUT', `${doing} was not answered within ${ms} ms`, { cause: error })
      }
    },
  }
}
