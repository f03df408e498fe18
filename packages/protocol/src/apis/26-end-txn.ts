import { api, bool, int16, int32, int64, string } from '../codec/fields.ts'

export const endTxn = api(
  26,
  'EndTxn',
  [0, 5],
  3,
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
    producerId: int64({ from: 5, default: -1 }),
    producerEpoch: int16({ from: 5, default: -1 }),
  },
)
