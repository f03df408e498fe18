import { RequestError } from '../request-error.ts'

/** A partition has one replica here, on the only broker. Throws INVALID_REPLICA_ASSIGNMENT. */
export function validateReplicas(nodeId: number, brokerIds: readonly number[]): void {
  const stranger = brokerIds.find((id) => id !== nodeId)
  if (stranger !== undefined)
    throw new RequestError(
      'INVALID_REPLICA_ASSIGNMENT',
      `The manual partition assignment includes broker ${stranger}, but no such broker is registered.`,
    )
  if (brokerIds.length !== 1)
    throw new RequestError(
      'INVALID_REPLICA_ASSIGNMENT',
      `The manual partition assignment [${brokerIds}] has to name one broker, as there is only one.`,
    )
}
