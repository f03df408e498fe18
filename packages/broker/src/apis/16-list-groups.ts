import { listGroups } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v4: states · v5: types */
export const listGroupsEndpoint = endpoint(listGroups, ({ coordinators }, request) => ({
  groups: coordinators.groups.list(request.statesFilter, request.typesFilter),
}))
