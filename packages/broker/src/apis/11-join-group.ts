import { joinGroup } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v4: MEMBER_ID_REQUIRED · v5: static members · v7: protocolName may be null · v9: skipAssignment */
export const joinGroupEndpoint = endpoint(joinGroup, async ({ coordinators }, request, call) => {
  const { version, clientHost } = call
  const caller = { version, clientId: call.clientId ?? '', clientHost }
  const answer = await coordinators.groups.join(caller, request)
  return answer.protocolName ? answer : { ...answer, protocolName: version >= 7 ? null : '' }
})
