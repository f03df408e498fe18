import { api, array, bool, int8, int16, int32, string } from '../codec/fields.ts'

export const describeConfigs = api(
  32,
  'DescribeConfigs',
  [1, 4],
  4,
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: array(string(), { nullable: 0 }),
    }),
    includeSynonyms: bool(),
    includeDocumentation: bool({ from: 3 }),
  },
  {
    throttleTimeMs: int32(),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: 0 }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: 0 }),
        readOnly: bool(),
        configSource: int8({ default: -1 }),
        isSensitive: bool(),
        synonyms: array({
          name: string(),
          value: string({ nullable: 0 }),
          source: int8(),
        }),
        configType: int8({ from: 3 }),
        documentation: string({ from: 3, nullable: 0 }),
      }),
    }),
  },
)
