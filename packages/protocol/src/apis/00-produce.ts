import { api, array, bytes, int16, int32, int64, string, struct, uuid } from '../codec/fields.ts'

export const produce = api(
  0,
  'Produce',
  [3, 13],
  9,
  {
    transactionalId: string({ nullable: 3, default: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string({ to: 12 }),
      topicId: uuid({ from: 13 }),
      partitionData: array({
        index: int32(),
        records: bytes({ nullable: 0 }),
      }),
    }),
  },
  {
    responses: array({
      name: string({ to: 12 }),
      topicId: uuid({ from: 13 }),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64({ default: -1 }),
        logStartOffset: int64({ from: 5, default: -1 }),
        recordErrors: array(
          {
            batchIndex: int32(),
            batchIndexErrorMessage: string({ nullable: 8, default: null }),
          },
          { from: 8 },
        ),
        errorMessage: string({ from: 8, nullable: 8, default: null }),
        currentLeader: struct(
          {
            leaderId: int32({ default: -1 }),
            leaderEpoch: int32({ default: -1 }),
          },
          { from: 10, tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32(),
    nodeEndpoints: array(
      {
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string({ nullable: 10, default: null }),
      },
      { from: 10, tag: 0 },
    ),
  },
)
