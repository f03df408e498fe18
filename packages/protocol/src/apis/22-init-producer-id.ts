import { api, bool, int16, int32, int64, string } from '../codec/fields.ts'

export const initProducerId = api(
  22,
  'InitProducerId',
  // version 6, for two-phase commit, is not yet stable in Kafka 4.3.1
  [0, 5],
  2,
  {
    transactionalId: string({ nullable: 0 }),
    transactionTimeoutMs: int32(),
    producerId: int64({ from: 3, default: -1 }),
    producerEpoch: int16({ from: 3, default: -1 }),
    enable2Pc: bool({ from: 6 }),
    keepPreparedTxn: bool({ from: 6 }),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    producerId: int64({ default: -1 }),
    producerEpoch: int16(),
    ongoingTxnProducerId: int64({ from: 6, default: -1 }),
    ongoingTxnProducerEpoch: int16({ from: 6, default: -1 }),
  },
)
