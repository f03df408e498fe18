import { test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import {
  assertGolden,
  fromTagged,
  goldenCases,
  schemaFromTagged,
  type Tagged,
  type TaggedSchema,
} from '@isthmus/sdk/testing'
import { pluginContext } from '@isthmus/testkit'
import { jsonConfig } from './config.ts'
import { JsonConverter } from './converter.ts'

const FILE = new URL('../golden/json-write.json', import.meta.url)

interface WriteCase {
  readonly config?: { readonly [name: string]: string }
  readonly schema: TaggedSchema
  readonly value: Tagged
}

test('data is written as Java writes it, byte for byte', async () => {
  for (const item of goldenCases<WriteCase, string>(FILE, 'write')) {
    const config = parseConfig(jsonConfig, { 'converter.type': 'value', ...item.in.config })
    const converter = await JsonConverter.open(config, 'value', pluginContext())
    assertGolden(item, () => {
      const schema = schemaFromTagged(item.in.schema)
      return converter.fromConnectData('t', schema, fromTagged(item.in.value, schema), [])
    })
  }
})
