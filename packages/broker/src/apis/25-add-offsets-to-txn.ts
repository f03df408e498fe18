import { errorIds } from '@isthmus/protocol'
import { addOffsetsToTxn } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v2: PRODUCER_FENCED. Clients of version 2 transactions do not ask: TxnOffsetCommit adds the offsets' partition itself. */
export const addOffsetsToTxnEndpoint = endpoint(addOffsetsToTxn, ({ coordinators }, request, { version }) => {
  const { transactions, offsetsPartition } = coordinators
  const error = transactions.add(request.transactionalId, request, offsetsPartition, 0)
  return {
    errorCode: errorIds[error === 'PRODUCER_FENCED' && version < 2 ? 'INVALID_PRODUCER_EPOCH' : error],
  }
})
