import { errorIds } from '@isthmus/protocol'
import { syncGroup } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v3: static members · v5: the protocol's type and name must be given, and fit */
export const syncGroupEndpoint = endpoint(syncGroup, ({ coordinators }, request, { version }) =>
  version >= 5 && (request.protocolType === null || request.protocolName === null)
    ? { errorCode: errorIds.INCONSISTENT_GROUP_PROTOCOL }
    : coordinators.groups.sync(request),
)
