import { api, array, int16, int32, string, uuid } from '../codec/fields.ts'

export const deleteTopics = api(
  20,
  'DeleteTopics',
  [1, 6],
  4,
  {
    topics: array(
      {
        name: string({ nullable: 6, default: null }),
        topicId: uuid(),
      },
      { from: 6 },
    ),
    topicNames: array(string(), { to: 5 }),
    timeoutMs: int32(),
  },
  {
    throttleTimeMs: int32(),
    responses: array({
      name: string({ nullable: 6 }),
      topicId: uuid({ from: 6 }),
      errorCode: int16(),
      errorMessage: string({ from: 5, nullable: 5, default: null }),
    }),
  },
)
