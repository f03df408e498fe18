import { api, int16, int32, string } from '../codec/fields.ts'

export const heartbeat = api(
  12,
  'Heartbeat',
  [0, 4],
  4,
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ from: 3, nullable: 3, default: null }),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16(),
  },
)
