import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_HEADERS, parseConfig } from '@isthmus/sdk'
import { fieldOfError } from '@isthmus/sdk/data'
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

test('what would be written as an empty object and is none is told with its place', async () => {
  const config = parseConfig(jsonConfig, { 'converter.type': 'value', 'schemas.enable': 'false' })
  const converter = await JsonConverter.open(config, 'value', pluginContext())
  const write = (value: unknown) => converter.fromConnectData('t', null, value as never, NO_HEADERS)
  assert.equal(write({ a: {}, b: Object.create(null) }), '{"a":{},"b":{}}')
  for (const [value, said] of [
    [{ a: [new Set([1])] }, /^It is an instance of Set/],
    [{ a: [Promise.resolve(1)] }, /^It is a promise: await it/],
    [{ a: [() => 1] }, /^It is a function/],
    [{ a: [Symbol('x')] }, /^It is a symbol/],
  ] as const)
    assert.throws(
      () => write(value),
      (error: Error) => said.test(error.message) && fieldOfError(error) === 'a[0]',
    )
})
