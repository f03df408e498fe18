import { api, array, int16, int32, string } from '../codec/fields.ts'

export const leaveGroup = api(
  13,
  'LeaveGroup',
  [0, 5],
  4,
  {
    groupId: string(),
    memberId: string({ to: 2 }),
    members: array(
      {
        memberId: string(),
        groupInstanceId: string({ nullable: 3, default: null }),
        reason: string({ from: 5, nullable: 5, default: null }),
      },
      { from: 3 },
    ),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16(),
    members: array(
      {
        memberId: string(),
        groupInstanceId: string({ nullable: 3 }),
        errorCode: int16(),
      },
      { from: 3 },
    ),
  },
)
