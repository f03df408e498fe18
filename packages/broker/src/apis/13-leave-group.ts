import { errorIds } from '@isthmus/protocol'
import { leaveGroup } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v0–v2: one member, whose error is the answer's · v3: many */
export const leaveGroupEndpoint = endpoint(leaveGroup, ({ coordinators }, request, { version }) => {
  if (version >= 3) return coordinators.groups.leave(request.groupId, request.members)
  const member = { memberId: request.memberId, groupInstanceId: null, reason: null }
  const { errorCode = errorIds.NONE, members } = coordinators.groups.leave(request.groupId, [member])
  return { errorCode: errorCode || (members?.[0]?.errorCode ?? errorIds.NONE) }
})
