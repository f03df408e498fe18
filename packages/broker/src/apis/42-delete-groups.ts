import { deleteGroups } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

export const deleteGroupsEndpoint = endpoint(deleteGroups, ({ coordinators }, request) => ({
  results: request.groupsNames.map((groupId) => ({
    groupId,
    errorCode: coordinators.groups.remove(groupId),
  })),
}))
