import { errorIds } from '@isthmus/protocol'
import { describeGroups } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'
import { GROUP_OPERATIONS } from './operations.ts'

/** v3: authorized operations · v6: an unknown group is an error, before it was a dead one */
export const describeGroupsEndpoint = endpoint(describeGroups, ({ coordinators }, request, { version }) => {
  const authorizedOperations = request.includeAuthorizedOperations ? GROUP_OPERATIONS : -2147483648
  return {
    groups: request.groups.map((groupId) => {
      const group = coordinators.groups.describe(groupId)
      if (group) return { ...group, authorizedOperations }
      const dead = { groupId, groupState: 'Dead', authorizedOperations }
      return version < 6
        ? dead
        : {
            groupId,
            groupState: 'Dead',
            errorCode: errorIds.GROUP_ID_NOT_FOUND,
            errorMessage: `Group ${groupId} not found.`,
          }
    }),
  }
})
