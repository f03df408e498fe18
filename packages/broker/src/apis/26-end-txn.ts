import { errorIds } from '@isthmus/protocol'
import { endTxn } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v2: PRODUCER_FENCED · v5: the epoch is bumped, and the answer says what the producer is from now on (KIP-890) */
export const endTxnEndpoint = endpoint(endTxn, ({ coordinators }, request, { version }) => {
  const outcome = request.committed ? 'commit' : 'abort'
  const { transactionalId } = request
  const { error, producer } = coordinators.transactions.end(
    transactionalId,
    request,
    outcome,
    version >= 5 ? 2 : 0,
  )
  return {
    errorCode: errorIds[error === 'PRODUCER_FENCED' && version < 2 ? 'INVALID_PRODUCER_EPOCH' : error],
    producerId: producer?.producerId ?? -1,
    producerEpoch: producer?.producerEpoch ?? -1,
  }
})
