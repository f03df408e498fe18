import { api, array, int16, int32, int64, string } from '../codec/fields.ts'

export const txnOffsetCommit = api(
  28,
  'TxnOffsetCommit',
  [0, 5],
  3,
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32({ from: 3, default: -1 }),
    memberId: string({ from: 3 }),
    groupInstanceId: string({ from: 3, nullable: 3, default: null }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ from: 2, default: -1 }),
        committedMetadata: string({ nullable: 0 }),
      }),
    }),
  },
  {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
)
