import { listTransactions } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v1: how long they have been open · v2: a pattern of transactional ids */
export const listTransactionsEndpoint = endpoint(listTransactions, ({ coordinators }, request) =>
  coordinators.transactions.list(request),
)
