import { api, array, int8, int16, int32, string } from '../codec/fields.ts'

export const createAcls = api(
  30,
  'CreateAcls',
  [1, 3],
  2,
  {
    creations: array({
      resourceType: int8(),
      resourceName: string(),
      resourcePatternType: int8({ default: 3 }),
      principal: string(),
      host: string(),
      operation: int8(),
      permissionType: int8(),
    }),
  },
  {
    throttleTimeMs: int32(),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
    }),
  },
)
