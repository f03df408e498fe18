import { api, array, bool, int16, int32, string, uuid } from '../codec/fields.ts'

export const metadata = api(
  3,
  'Metadata',
  [0, 13],
  9,
  {
    topics: array(
      {
        topicId: uuid({ from: 10 }),
        name: string({ nullable: 10 }),
      },
      { nullable: 1 },
    ),
    allowAutoTopicCreation: bool({ from: 4, default: true }),
    includeClusterAuthorizedOperations: bool({ from: 8, to: 10 }),
    includeTopicAuthorizedOperations: bool({ from: 8 }),
  },
  {
    throttleTimeMs: int32({ from: 3 }),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string({ from: 1, nullable: 1, default: null }),
    }),
    clusterId: string({ from: 2, nullable: 2, default: null }),
    controllerId: int32({ from: 1, default: -1 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: 12 }),
      topicId: uuid({ from: 10 }),
      isInternal: bool({ from: 1 }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ from: 7, default: -1 }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        offlineReplicas: array(int32(), { from: 5 }),
      }),
      topicAuthorizedOperations: int32({ from: 8, default: -2147483648 }),
    }),
    clusterAuthorizedOperations: int32({ from: 8, to: 10, default: -2147483648 }),
    errorCode: int16({ from: 13 }),
  },
)
