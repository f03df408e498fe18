import { api, array, bool, int16, int32, int64, string } from '../codec/fields.ts'

export const apiVersions = api(
  18,
  'ApiVersions',
  [0, 4],
  3,
  {
    clientSoftwareName: string({ from: 3 }),
    clientSoftwareVersion: string({ from: 3 }),
  },
  {
    errorCode: int16(),
    apiKeys: array({
      apiKey: int16(),
      minVersion: int16(),
      maxVersion: int16(),
    }),
    throttleTimeMs: int32({ from: 1 }),
    supportedFeatures: array(
      {
        name: string(),
        minVersion: int16(),
        maxVersion: int16(),
      },
      { from: 3, tag: 0 },
    ),
    finalizedFeaturesEpoch: int64({ from: 3, default: -1, tag: 1 }),
    finalizedFeatures: array(
      {
        name: string(),
        maxVersionLevel: int16(),
        minVersionLevel: int16(),
      },
      { from: 3, tag: 2 },
    ),
    zkMigrationReady: bool({ from: 3, tag: 3 }),
  },
)
