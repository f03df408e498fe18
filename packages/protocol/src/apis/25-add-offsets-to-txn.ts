import { api, int16, int32, int64, string } from '../codec/fields.ts'

export const addOffsetsToTxn = api(
  25,
  'AddOffsetsToTxn',
  [0, 4],
  3,
  {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16(),
  },
)
