import { api, array, int8, int16, int32, int64, string } from '../codec/fields.ts'

export const listOffsets = api(
  2,
  'ListOffsets',
  [1, 11],
  6,
  {
    replicaId: int32(),
    isolationLevel: int8({ from: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32({ from: 4, default: -1 }),
        timestamp: int64(),
      }),
    }),
    timeoutMs: int32({ from: 10 }),
  },
  {
    throttleTimeMs: int32({ from: 2 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64({ default: -1 }),
        offset: int64({ default: -1 }),
        leaderEpoch: int32({ from: 4, default: -1 }),
      }),
    }),
  },
)
