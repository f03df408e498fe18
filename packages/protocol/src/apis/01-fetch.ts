import { api, array, bytes, int8, int16, int32, int64, string, struct, uuid } from '../codec/fields.ts'

export const fetch = api(
  1,
  'Fetch',
  [4, 18],
  12,
  {
    clusterId: string({ from: 12, nullable: 12, default: null, tag: 0 }),
    replicaId: int32({ to: 14, default: -1 }),
    replicaState: struct(
      {
        replicaId: int32({ default: -1 }),
        replicaEpoch: int64({ default: -1 }),
      },
      { from: 15, tag: 1 },
    ),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ default: 2147483647 }),
    isolationLevel: int8(),
    sessionId: int32({ from: 7 }),
    sessionEpoch: int32({ from: 7, default: -1 }),
    topics: array({
      topic: string({ to: 12 }),
      topicId: uuid({ from: 13 }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ from: 9, default: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ from: 12, default: -1 }),
        logStartOffset: int64({ from: 5, default: -1 }),
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ from: 17, tag: 0 }),
        highWatermark: int64({ from: 18, default: Number.MAX_SAFE_INTEGER, tag: 1 }),
      }),
    }),
    forgottenTopicsData: array(
      {
        topic: string({ to: 12 }),
        topicId: uuid({ from: 13 }),
        partitions: array(int32()),
      },
      { from: 7 },
    ),
    rackId: string({ from: 11 }),
  },
  {
    throttleTimeMs: int32(),
    errorCode: int16({ from: 7 }),
    sessionId: int32({ from: 7 }),
    responses: array({
      topic: string({ to: 12 }),
      topicId: uuid({ from: 13 }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64({ default: -1 }),
        logStartOffset: int64({ from: 5, default: -1 }),
        divergingEpoch: struct(
          {
            epoch: int32({ default: -1 }),
            endOffset: int64({ default: -1 }),
          },
          { from: 12, tag: 0 },
        ),
        currentLeader: struct(
          {
            leaderId: int32({ default: -1 }),
            leaderEpoch: int32({ default: -1 }),
          },
          { from: 12, tag: 1 },
        ),
        snapshotId: struct(
          {
            endOffset: int64({ default: -1 }),
            epoch: int32({ default: -1 }),
          },
          { from: 12, tag: 2 },
        ),
        abortedTransactions: array(
          {
            producerId: int64(),
            firstOffset: int64(),
          },
          { nullable: 4 },
        ),
        preferredReadReplica: int32({ from: 11, default: -1 }),
        records: bytes({ nullable: 0 }),
      }),
    }),
    nodeEndpoints: array(
      {
        nodeId: int32(),
        host: string(),
        port: int32(),
        rack: string({ nullable: 16, default: null }),
      },
      { from: 16, tag: 0 },
    ),
  },
)
