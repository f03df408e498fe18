import { api, array, bool, int8, int16, int32, string } from '../codec/fields.ts'

export const alterConfigs = api(
  33,
  'AlterConfigs',
  [0, 2],
  2,
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: 0 }),
      }),
    }),
    validateOnly: bool(),
  },
  {
    throttleTimeMs: int32(),
    responses: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
)
