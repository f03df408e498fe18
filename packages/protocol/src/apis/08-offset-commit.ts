import { api, array, int16, int32, int64, string, uuid } from '../codec/fields.ts'

export const offsetCommit = api(
  8,
  'OffsetCommit',
  [2, 10],
  8,
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ default: -1 }),
    memberId: string(),
    groupInstanceId: string({ from: 7, nullable: 7, default: null }),
    retentionTimeMs: int64({ to: 4, default: -1 }),
    topics: array({
      name: string({ to: 9 }),
      topicId: uuid({ from: 10 }),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ from: 6, default: -1 }),
        committedMetadata: string({ nullable: 0 }),
      }),
    }),
  },
  {
    throttleTimeMs: int32({ from: 3 }),
    topics: array({
      name: string({ to: 9 }),
      topicId: uuid({ from: 10 }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
      }),
    }),
  },
)
