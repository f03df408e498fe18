import { RequestError } from '../request-error.ts'
import { LEADER_EPOCH } from '../topics/topics.ts'

/** A client may say which leadership it knows; -1 when it does not. */
export function refuseLeaderEpoch(currentLeaderEpoch: number): void {
  if (currentLeaderEpoch > LEADER_EPOCH) throw new RequestError('UNKNOWN_LEADER_EPOCH')
}
