import { api, array, int16, int32, string } from '../codec/fields.ts'

export const deleteGroups = api(
  42,
  'DeleteGroups',
  [0, 2],
  2,
  {
    groupsNames: array(string()),
  },
  {
    throttleTimeMs: int32(),
    results: array({
      groupId: string(),
      errorCode: int16(),
    }),
  },
)
