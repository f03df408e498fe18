import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Converter, parseConfig, type SchemaAndValue } from '@isthmus/sdk'
import {
  assertGolden,
  goldenCases,
  schemaToTagged,
  type Tagged,
  type TaggedSchema,
  toTagged,
} from '@isthmus/sdk/testing'
import { pluginContext } from '@isthmus/testkit'
import { jsonConfig } from './config.ts'
import { JsonConverter } from './converter.ts'

const FILE = new URL('../golden/json-read.json', import.meta.url)

interface ReadCase {
  readonly config?: { readonly [name: string]: string }
  readonly text?: string
  readonly bytes?: string | null
}
interface ReadAnswer {
  readonly schema: TaggedSchema
  readonly value: Tagged
}

const open = async (props: { readonly [name: string]: string } = {}): Promise<Converter> =>
  JsonConverter.open(
    parseConfig(jsonConfig, { 'converter.type': 'value', ...props }),
    'value',
    pluginContext(),
  )

const bytesOf = ({ text, bytes }: ReadCase): Uint8Array | null => {
  if (bytes === null) return null
  return bytes === undefined ? Buffer.from(text ?? '') : Buffer.from(bytes, 'hex')
}

function answer(converter: Converter, bytes: Uint8Array | null): ReadAnswer {
  const { schema, value } = converter.toConnectData('t', bytes, []) as SchemaAndValue
  return { schema: schemaToTagged(schema), value: toTagged(value, schema) }
}

/** Payloads that Java bends into something else (0, null, false, the low bits) and that are bad data here. */
const REFUSED: readonly (readonly [RegExp, RegExp])[] = [
  [/1844674407370955161[56]|^9223372036854775808$/, /does not fit a 64-bit integer/],
  [/"schema":\{"type":"string"\}\}$/, /^Invalid STRING field: found NUMBER 5$/],
  [/"payload":"AQ==AQ=="/, /^Invalid bytes field$/],
  [
    /"type":"int32","optional":false\},"payload":("x"|true|\[1\]|3\.7|3000000000)\}/,
    /^Invalid INT32 field: found /,
  ],
  [/"int8".*"payload":300\}/, /^Invalid INT8 field: found NUMBER 300$/],
  [/"int64".*"payload":(9223372036854775808|1\.5)\}/, /^Invalid INT64 field: found NUMBER/],
  [/"type":"string","optional":false\},"payload":(5|true|\{\})\}/, /^Invalid STRING field: found /],
  [/"boolean".*"payload":("true"|1)\}/, /^Invalid BOOLEAN field: found /],
  [/"type":"bytes","optional":false\},"payload":5\}/, /^Invalid BYTES field: found NUMBER 5$/],
  [/"double".*"payload":"x"\}/, /^Invalid FLOAT64 field: found STRING "x"$/],
  [/"float".*"payload":true\}/, /^Invalid FLOAT32 field: found BOOLEAN true$/],
  [/Date".*2147483647|Timestamp".*9007199254740993/, /is beyond the range of dates$/],
  [/"type":"array".*"payload":(\{"a":1\}|"x")\}/, /^Invalid ARRAY field: found /],
  [/^7b7dff$/, /due to serialization error: $/],
]
/**
 * Where Java's answer is wrong and ours is known: what it writes for NaN and the infinities reads back, an empty text is null,
 * whole is whole however it is written.
 */
const BETTER: readonly (readonly [RegExp, Tagged])[] = [
  [/"double".*"payload":"NaN"\}/, { float64: 'NaN' }],
  [/"double".*"payload":"-Infinity"\}/, { float64: '-Infinity' }],
  [/^$/, null],
  [/Date".*"payload":1\.0\}/, { date: 86_400_000 }],
  [/Timestamp".*"payload":1e3\}/, { date: 1000 }],
]

test('bytes are read as Java reads them, but what it would bend is bad data', async () => {
  for (const item of goldenCases<ReadCase, ReadAnswer>(FILE, 'read')) {
    const text = item.in.text ?? item.in.bytes ?? ''
    const bytes = bytesOf(item.in)
    if (item.in.config?.['schema.content'] !== undefined && item.error !== undefined) {
      await assert.rejects(async () => answer(await open(item.in.config), bytes), { code: 'data' })
      continue
    }
    const converter = await open(item.in.config)
    const refused = REFUSED.find(([pattern]) => pattern.test(text))
    const better = BETTER.find(([pattern]) => item.in.text !== undefined && pattern.test(text))
    if (item.error === undefined && refused !== undefined) {
      assert.throws(() => answer(converter, bytes), { code: 'data', message: refused[1] }, text)
    } else if (better !== undefined && (item.error === undefined || text !== '')) {
      assert.deepEqual(answer(converter, bytes).value, better[1], text)
    } else {
      assertGolden(item, () => answer(converter, bytes))
    }
  }
})

test('the second record of a schema, read past the known prefix, is the same as the first', async () => {
  for (const item of goldenCases<ReadCase, ReadAnswer>(FILE, 'read')) {
    const bytes = bytesOf(item.in)
    if (bytes === null || item.in.config?.['schema.content'] !== undefined) continue
    const converter = await open(item.in.config)
    const attempt = () => {
      try {
        return answer(converter, bytes)
      } catch (error) {
        return (error as Error).message
      }
    }
    const first = attempt()
    assert.deepEqual(attempt(), first, item.in.text ?? '')
  }
})

test('bytes may be a view of a larger buffer and no Buffer at all', async () => {
  const text = '{"schema":{"type":"string"},"payload":"é"}'
  const large = new Uint8Array(Buffer.from(`xx${text}yy`))
  const view = large.subarray(2, large.length - 2)
  const converter = await open()
  for (const _ of [1, 2]) assert.equal(answer(converter, view).value, 'é')
})

test('schemas in turn keep their own readers', async () => {
  const converter = await open({ 'schemas.cache.size': '2' })
  const envelope = (index: number) =>
    Buffer.from(`{"schema":{"type":"int32","name":"n${index}"},"payload":${index}}`)
  for (let round = 0; round < 3; round++)
    for (let index = 0; index < 5; index++)
      assert.deepEqual(answer(converter, envelope(index)), {
        schema: { type: 'int32', optional: false, name: `n${index}` },
        value: { int32: String(index) },
      })
})

test('the same schema is the same object from record to record', async () => {
  const converter = await open()
  const read = (payload: string) =>
    converter.toConnectData(
      't',
      Buffer.from(`{"schema":{"type":"int64"},"payload":${payload}}`),
      [],
    ) as SchemaAndValue
  assert.equal(read('1').schema, read('2').schema)
})

test('a payload that is more than a value is not taken for one', async () => {
  const converter = await open()
  const prefix = '{"schema":{"type":"int32"},"payload":'
  assert.deepEqual(answer(converter, Buffer.from(`${prefix}1}`)).value, { int32: '1' })
  assert.throws(
    () => answer(converter, Buffer.from(`${prefix}1,"x":2}`)),
    /may not contain additional fields/,
  )
  assert.deepEqual(answer(converter, Buffer.from(`${prefix}1,"payload":2}`)).value, { int32: '2' })
})

test('a document deeper than Java allows is bad data, not a crash', async () => {
  const converter = await open({ 'schemas.enable': 'false' })
  for (const text of ['['.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`])
    assert.throws(() => answer(converter, Buffer.from(text)), { code: 'data' })
})
