import { api, array, bool, int8, int16, int32, string } from '../codec/fields.ts'

export const incrementalAlterConfigs = api(
  44,
  'IncrementalAlterConfigs',
  [0, 1],
  1,
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        configOperation: int8(),
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
