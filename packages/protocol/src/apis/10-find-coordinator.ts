import { api, array, int8, int16, int32, string } from '../codec/fields.ts'

export const findCoordinator = api(
  10,
  'FindCoordinator',
  [0, 6],
  3,
  {
    key: string({ to: 3 }),
    keyType: int8({ from: 1 }),
    coordinatorKeys: array(string(), { from: 4 }),
  },
  {
    throttleTimeMs: int32({ from: 1 }),
    errorCode: int16({ to: 3 }),
    errorMessage: string({ from: 1, to: 3, nullable: 1 }),
    nodeId: int32({ to: 3 }),
    host: string({ to: 3 }),
    port: int32({ to: 3 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: 4 }),
      },
      { from: 4 },
    ),
  },
)
