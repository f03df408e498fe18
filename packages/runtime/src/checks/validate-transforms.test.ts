import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigInfos } from '@isthmus/rest-api'
import { goldenCases } from '@isthmus/sdk/testing'
import { scanApart } from '../plugins/scan-apart.ts'
import { patientAsker } from '../testing/asker.ts'
import { type RawProps, validateConnector } from './validate.ts'

/** What a Java worker 4.3.1 answered to PUT /connector-plugins/FileStreamSource/config/validate, without texts of documentation. */
const FILE = new URL('./golden/transforms.json', import.meta.url)
const CONNECTOR = {
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  name: 'c',
  'tasks.max': '1',
  topic: 't',
  file: '/tmp/x',
}

/** The part of an answer that is about transforms, without what a worker with other plugins says otherwise. */
function ofTransforms({ error_count, groups, configs }: ConfigInfos): unknown {
  const shown = configs
    .filter(({ value }) => value.name.startsWith('transforms'))
    .map(({ definition, value: { recommended_values: _, ...value } }) => {
      const { documentation: __, ...rest } = definition ?? {}
      return { definition: definition === null ? null : rest, value }
    })
  return { error_count, groups: groups.filter((group) => group.startsWith('Transforms')), configs: shown }
}

describe('the validation of a connector', () => {
  it('says of its transforms what Java says', async () => {
    const packages = [import.meta.resolve('@isthmus/builtin'), import.meta.resolve('@isthmus/formats')]
    const { plugins } = await scanApart({ packages, paths: [] })
    const worker = { props: {}, clusterId: null, plugins }
    for (const item of goldenCases<RawProps, unknown>(FILE, 'validate')) {
      const infos = await validateConnector({ ...CONNECTOR, ...item.in }, worker, patientAsker)
      assert.deepEqual(ofTransforms(infos), item.out, JSON.stringify(item.in))
    }
  })
})
