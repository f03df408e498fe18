import { api, array, int16, int32, string } from '../codec/fields.ts'

export const offsetDelete = api(
  47,
  'OffsetDelete',
  [0, 0],
  Infinity,
  {
    groupId: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
      }),
    }),
  },
  {
    errorCode: int16(),
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
