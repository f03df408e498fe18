import { api, array, int16, string } from '../codec/fields.ts'

export const saslHandshake = api(
  17,
  'SaslHandshake',
  [0, 1],
  Infinity,
  {
    mechanism: string(),
  },
  {
    errorCode: int16(),
    mechanisms: array(string()),
  },
)
