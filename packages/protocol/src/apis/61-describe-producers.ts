import { api, array, int16, int32, int64, string } from '../codec/fields.ts'

export const describeProducers = api(
  61,
  'DescribeProducers',
  [0, 0],
  0,
  {
    topics: array({
      name: string(),
      partitionIndexes: array(int32()),
    }),
  },
  {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: 0, default: null }),
        activeProducers: array({
          producerId: int64(),
          producerEpoch: int32(),
          lastSequence: int32({ default: -1 }),
          lastTimestamp: int64({ default: -1 }),
          coordinatorEpoch: int32(),
          currentTxnStartOffset: int64({ default: -1 }),
        }),
      }),
    }),
  },
)
