import { RequestError } from '../request-error.ts'

/** There is one node for ever, so leadership never moves and its epoch never grows. */
export const LEADER_EPOCH = 0

/** A client may say which leadership it knows; -1 when it does not. */
export function refuseLeaderEpoch(currentLeaderEpoch: number): void {
  if (currentLeaderEpoch > LEADER_EPOCH) throw new RequestError('UNKNOWN_LEADER_EPOCH')
}
