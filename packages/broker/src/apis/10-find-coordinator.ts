import { errorIds, errorOf } from '@isthmus/protocol'
import { findCoordinator } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

const GROUP = 0
const TRANSACTION = 1

/** v1: key types · v4: many keys · v6: share groups, which do not exist here. The one node coordinates everything. */
export const findCoordinatorEndpoint = endpoint(findCoordinator, (broker, request, call) => {
  const isKnown = request.keyType === GROUP || request.keyType === TRANSACTION
  const { message } = errorOf(errorIds.INVALID_REQUEST)
  const node = isKnown
    ? { nodeId: broker.nodeId, ...broker.addressFor(call.local), errorCode: 0, errorMessage: null }
    : { nodeId: -1, host: '', port: -1, errorCode: errorIds.INVALID_REQUEST, errorMessage: message }
  return { ...node, coordinators: request.coordinatorKeys.map((key) => ({ key, ...node })) }
})
