import { api, array, bytes, int16, int32, string } from '../codec/fields.ts'

export const syncGroup = api(
  14,
  'SyncGroup',
  [0, 5],
  4,
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ from: 3, nullable: 3, default: null }),
    protocolType: string({ from: 5, nullable: 5, default: null }),
    protocolName: string({ from: 5, nullable: 5, default: null }),
    assignments: array({
      memberId: string(),
      assignment: bytes(),
    }),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16(),
    protocolType: string({ from: 5, nullable: 5, default: null }),
    protocolName: string({ from: 5, nullable: 5, default: null }),
    assignment: bytes(),
  },
)
