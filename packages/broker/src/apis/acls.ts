import { errorIds } from '@isthmus/protocol'
import { createAcls, deleteAcls, describeAcls } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

// There is no authorizer, and clients are told so as Kafka tells them.

const disabled = { errorCode: errorIds.SECURITY_DISABLED, errorMessage: 'No Authorizer is configured.' }

export const describeAclsEndpoint = endpoint(describeAcls, () => ({
  errorCode: errorIds.SECURITY_DISABLED,
  errorMessage: 'No Authorizer is configured on the broker',
}))
export const createAclsEndpoint = endpoint(createAcls, (_broker, request) => ({
  results: request.creations.map(() => disabled),
}))
export const deleteAclsEndpoint = endpoint(deleteAcls, (_broker, request) => ({
  filterResults: request.filters.map(() => ({ ...disabled, matchingAcls: [] })),
}))
