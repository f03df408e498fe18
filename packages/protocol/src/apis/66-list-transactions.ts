import { api, array, int16, int32, int64, string } from '../codec/fields.ts'

export const listTransactions = api(
  66,
  'ListTransactions',
  [0, 2],
  0,
  {
    stateFilters: array(string()),
    producerIdFilters: array(int64()),
    durationFilter: int64({ from: 1, default: -1 }),
    transactionalIdPattern: string({ from: 2, nullable: 2, default: null }),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    unknownStateFilters: array(string()),
    transactionStates: array({
      transactionalId: string(),
      producerId: int64(),
      transactionState: string(),
    }),
  },
)
