import { heartbeat } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

export const heartbeatEndpoint = endpoint(heartbeat, ({ coordinators }, request) => ({
  errorCode: coordinators.groups.beat(request),
}))
