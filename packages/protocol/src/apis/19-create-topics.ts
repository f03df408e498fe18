import { api, array, bool, int8, int16, int32, string, uuid } from '../codec/fields.ts'

export const createTopics = api(
  19,
  'CreateTopics',
  [2, 7],
  5,
  {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({
        partitionIndex: int32(),
        brokerIds: array(int32()),
      }),
      configs: array({
        name: string(),
        value: string({ nullable: 0 }),
      }),
    }),
    timeoutMs: int32({ default: 60000 }),
    validateOnly: bool(),
  },
  {
    throttleTimeMs: int32(),
    topics: array({
      name: string(),
      topicId: uuid({ from: 7 }),
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
      topicConfigErrorCode: int16({ from: 5, tag: 0 }),
      numPartitions: int32({ from: 5, default: -1 }),
      replicationFactor: int16({ from: 5, default: -1 }),
      configs: array(
        {
          name: string(),
          value: string({ nullable: 5 }),
          readOnly: bool(),
          configSource: int8({ default: -1 }),
          isSensitive: bool(),
        },
        { from: 5, nullable: 5 },
      ),
    }),
  },
)
