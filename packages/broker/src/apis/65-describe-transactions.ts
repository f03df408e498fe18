import { describeTransactions } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

export const describeTransactionsEndpoint = endpoint(describeTransactions, ({ coordinators }, request) => ({
  transactionStates: request.transactionalIds.map((id) => coordinators.transactions.describe(id)),
}))
