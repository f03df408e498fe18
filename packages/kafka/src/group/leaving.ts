import { leaveGroup } from '@isthmus/protocol/apis/client'
import { onCoordinator } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { type KafkaError, kafkaError } from '../errors.ts'
import { timeLimit } from '../waiting.ts'

/** Of a disposal that is waited for. */
const PATIENCE_MS = 3_000

/**
 * Takes a member out of its group, which else waits for it until its session is over. Settles when the coordinator has heard of it, or
 * `signal` aborts; until then it goes on, as a coordinator that comes back has its members again, those that have gone meanwhile too.
 */
export async function leave(
  cluster: Cluster,
  groupId: string,
  memberId: string,
  reason: string,
  signal = timeLimit(PATIENCE_MS),
): Promise<void> {
  const body = { groupId, memberId, members: [{ memberId, reason: reason.slice(0, 255) }] }
  const target = { to: 'coordinator', kind: 'group', key: groupId } as const
  const once = async (attempt: AbortSignal) => {
    // not on the lane, where a join that the group has not answered yet would hold it up
    const { errorCode } = await cluster.request(leaveGroup, body, target, { signal: attempt })
    if (errorCode !== 0) throw kafkaError(errorCode, `Leaving group ${groupId}`)
  }
  while (!signal.aborted)
    try {
      return await onCoordinator(cluster, 'group', groupId, once, signal)
    } catch (error) {
      // the others say that there is no such member, or that nobody will ever be heard
      if ((error as KafkaError).kafka !== 'TIMED_OUT') return
    }
}
