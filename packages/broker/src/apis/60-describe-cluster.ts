import { errorIds } from '@isthmus/protocol'
import { describeCluster } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'
import { CLUSTER_OPERATIONS } from './operations.ts'

const BROKERS = 1

/** v1: endpoint types; only brokers can be asked for here, as there is no controller with a listener of its own */
export const describeClusterEndpoint = endpoint(describeCluster, (broker, request, call) => {
  const { endpointType } = request
  if (endpointType !== BROKERS)
    return {
      errorCode: errorIds.MISMATCHED_ENDPOINT_TYPE,
      errorMessage: `The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type ${endpointType === 2 ? 'CONTROLLER' : endpointType}`,
      endpointType: BROKERS,
    }
  return {
    errorCode: 0,
    endpointType,
    clusterId: broker.clusterId,
    controllerId: broker.nodeId,
    brokers: [{ brokerId: broker.nodeId, ...broker.addressFor(call.local) }],
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : -2147483648,
  }
})
