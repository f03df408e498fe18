import { api, array, bool, int16, int32, int64, string, uuid } from '../codec/fields.ts'

export const offsetFetch = api(
  9,
  'OffsetFetch',
  [1, 10],
  6,
  {
    groupId: string({ to: 7 }),
    topics: array(
      {
        name: string({ to: 7 }),
        partitionIndexes: array(int32(), { to: 7 }),
      },
      { to: 7, nullable: 2 },
    ),
    groups: array(
      {
        groupId: string(),
        memberId: string({ from: 9, nullable: 9, default: null }),
        memberEpoch: int32({ from: 9, default: -1 }),
        topics: array(
          {
            name: string({ to: 9 }),
            topicId: uuid({ from: 10 }),
            partitionIndexes: array(int32()),
          },
          { nullable: 8 },
        ),
      },
      { from: 8 },
    ),
    requireStable: bool({ from: 7 }),
  },
  {
    throttleTimeMs: int32({ from: 3 }),
    topics: array(
      {
        name: string({ to: 7 }),
        partitions: array(
          {
            partitionIndex: int32({ to: 7 }),
            committedOffset: int64({ to: 7 }),
            committedLeaderEpoch: int32({ from: 5, to: 7, default: -1 }),
            metadata: string({ to: 7, nullable: 0 }),
            errorCode: int16({ to: 7 }),
          },
          { to: 7 },
        ),
      },
      { to: 7 },
    ),
    errorCode: int16({ from: 2, to: 7 }),
    groups: array(
      {
        groupId: string(),
        topics: array({
          name: string({ to: 9 }),
          topicId: uuid({ from: 10 }),
          partitions: array({
            partitionIndex: int32(),
            committedOffset: int64(),
            committedLeaderEpoch: int32({ default: -1 }),
            metadata: string({ nullable: 8 }),
            errorCode: int16(),
          }),
        }),
        errorCode: int16(),
      },
      { from: 8 },
    ),
  },
)
