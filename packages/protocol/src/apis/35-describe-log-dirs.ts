import { api, array, bool, int16, int32, int64, string } from '../codec/fields.ts'

export const describeLogDirs = api(
  35,
  'DescribeLogDirs',
  [1, 5],
  2,
  {
    topics: array(
      {
        topic: string(),
        partitions: array(int32()),
      },
      { nullable: 0 },
    ),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16({ from: 3 }),
    results: array({
      errorCode: int16(),
      logDir: string(),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          partitionSize: int64(),
          offsetLag: int64(),
          isFutureKey: bool(),
        }),
      }),
      totalBytes: int64({ from: 4, default: -1 }),
      usableBytes: int64({ from: 4, default: -1 }),
      isCordoned: bool({ from: 5 }),
    }),
  },
)
