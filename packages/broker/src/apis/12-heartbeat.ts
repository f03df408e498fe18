import { heartbeat } from '@isthmus/protocol/apis'
import { endpoint } from '../endpoint.ts'

export const heartbeatEndpoint = endpoint(heartbeat, ({ coordinators }, request) => ({
  errorCode: coordinators.groups.beat(request),
}))
