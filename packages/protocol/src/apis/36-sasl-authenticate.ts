import { api, bytes, int16, int64, string } from '../codec/fields.ts'

export const saslAuthenticate = api(
  36,
  'SaslAuthenticate',
  [0, 2],
  2,
  {
    authBytes: bytes(),
  },
  {
    errorCode: int16(),
    errorMessage: string({ nullable: 0 }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ from: 1 }),
  },
)
