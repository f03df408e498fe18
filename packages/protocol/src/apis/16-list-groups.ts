import { api, array, int16, int32, string } from '../codec/fields.ts'

export const listGroups = api(
  16,
  'ListGroups',
  [0, 5],
  3,
  {
    statesFilter: array(string(), { from: 4 }),
    typesFilter: array(string(), { from: 5 }),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ from: 4 }),
      groupType: string({ from: 5 }),
    }),
  },
)
