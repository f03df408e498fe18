import { initProducerId } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v3: the producer's present identity (KIP-360) · v4: PRODUCER_FENCED · v6: two-phase commit, which is refused */
export const initProducerIdEndpoint = endpoint(initProducerId, ({ coordinators }, request, { version }) =>
  coordinators.transactions.init(request, version),
)
