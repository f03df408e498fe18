import { api, array, bool, bytes, int16, int32, string } from '../codec/fields.ts'

export const describeGroups = api(
  15,
  'DescribeGroups',
  [0, 6],
  5,
  {
    groups: array(string()),
    includeAuthorizedOperations: bool({ from: 3 }),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ from: 6, nullable: 6, default: null }),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ from: 4, nullable: 4, default: null }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ from: 3, default: -2147483648 }),
    }),
  },
)
