import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  parseConfig,
  type Schema,
  schema,
  sourceRecord,
  type TransformPlugin,
  type Value,
} from '@isthmus/sdk'
import { fieldOfError } from '@isthmus/sdk/data'
import { pluginContext } from '@isthmus/testkit'
import { CastValue } from './cast.ts'
import { MaskFieldValue } from './mask-field.ts'
import { TimestampConverterValue } from './timestamp-converter.ts'

const struct = schema.struct([
  { name: 'id', schema: schema.string() },
  { name: 'at', schema: schema.string() },
])
const given = { id: 'seven', at: 'noon' }

test('a transform that fails on one field says which', async () => {
  const cases: readonly (readonly [TransformPlugin, { readonly [name: string]: string }, string])[] = [
    [CastValue as TransformPlugin, { spec: 'at:string,id:int32' }, 'id'],
    [
      TimestampConverterValue as TransformPlugin,
      { field: 'at', 'target.type': 'unix', format: 'yyyy' },
      'at',
    ],
    [MaskFieldValue as TransformPlugin, { fields: 'at,id', replacement: 'x' }, 'id'],
  ]
  for (const [plugin, props, field] of cases)
    for (const valueSchema of [struct, null] as (Schema | null)[]) {
      const transform = await plugin.open(parseConfig(plugin.config, props), pluginContext())
      const value: Value = plugin === cases[2]?.[0] ? { ...given, id: Buffer.from('bytes') } : given
      const under = valueSchema === null || plugin !== cases[2]?.[0] ? valueSchema : bytesInId
      assert.throws(
        () => transform.apply(sourceRecord({ topic: 't', value, valueSchema: under, ...SOURCE })),
        (error) => fieldOfError(error) === field,
        `${plugin.class} ${valueSchema === null ? 'without' : 'with'} a schema`,
      )
    }
})

const SOURCE = { sourcePartition: {}, sourceOffset: {} }
const bytesInId = schema.struct([
  { name: 'id', schema: schema.bytes() },
  { name: 'at', schema: schema.string() },
])
