import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Converter,
  type ConverterPlugin,
  NO_HEADERS,
  type Props,
  parseConfig,
  type Schema,
  type SchemaAndValue,
  type Serialized,
  schema,
  type Value,
} from '@isthmus/sdk'
import { sameSchema, sameValue } from '@isthmus/sdk/data'
import { toTagged } from '@isthmus/sdk/testing'
import { pluginContext } from '@isthmus/testkit'
import {
  BooleanConverter,
  ByteArrayConverter,
  DoubleConverter,
  FloatConverter,
  IntegerConverter,
  JsonConverter,
  LongConverter,
  ShortConverter,
  SimpleHeaderConverter,
  StringConverter,
} from './index.ts'
import { type AnyData, anyData } from './testing/any-data.ts'

const ROUNDS = 3000
/** `ISTHMUS_SEED` plays a failure again, or other data. */
const first = Number(process.env['ISTHMUS_SEED'] ?? 1)

const bytesOf = (serialized: Serialized): Uint8Array | null =>
  typeof serialized === 'string' ? Buffer.from(serialized) : serialized

async function open(plugin: ConverterPlugin, props: Props = {}): Promise<Converter> {
  return plugin.open(
    parseConfig(plugin.config, { 'converter.type': 'value', ...props }),
    'value',
    pluginContext(),
  )
}

/** Writes and reads data of many seeds. The last word is what was read, and what the seed was. */
function roundTrips(
  name: string,
  plugin: ConverterPlugin,
  props: Props,
  make: (any: AnyData) => SchemaAndValue,
  same: (given: SchemaAndValue, back: SchemaAndValue) => boolean,
): void {
  test(`${name}: whatever is written is read back`, async () => {
    const converter = await open(plugin, props)
    for (let seed = first; seed < first + ROUNDS; seed++) {
      const given = make(anyData(seed))
      const written = bytesOf(await converter.fromConnectData('t', given.schema, given.value, NO_HEADERS))
      const back = await converter.toConnectData('t', written, NO_HEADERS)
      if (same(given, back)) continue
      assert.fail(
        `seed ${seed}: ${show(given)} was written as ${written && Buffer.from(written)} and came back as ${show(back)}`,
      )
    }
  })
}

const show = ({ schema: of, value }: SchemaAndValue): string =>
  `${JSON.stringify(toTagged(value, of))} of ${JSON.stringify(of, (_, item) => (typeof item === 'bigint' ? `${item}n` : item))}`

const sameData = (given: SchemaAndValue, back: SchemaAndValue): boolean =>
  given.value === null && given.schema === null
    ? back.value === null
    : sameSchema(given.schema, back.schema) && sameValue(given.value, back.value)
const sameContent = (given: SchemaAndValue, back: SchemaAndValue): boolean =>
  sameValue(given.value, back.value)

const withSchema = (any: AnyData): SchemaAndValue => any.data()
const without = (any: AnyData): SchemaAndValue => ({ schema: null, value: any.loose(4) })

roundTrips('JSON with schemas', JsonConverter, {}, withSchema, sameData)
roundTrips(
  'JSON with schemas, decimals as numbers',
  JsonConverter,
  { 'decimal.format': 'NUMERIC' },
  withSchema,
  sameData,
)
roundTrips('JSON with schemas, without any', JsonConverter, {}, without, sameContent)
roundTrips('JSON without schemas', JsonConverter, { 'schemas.enable': 'false' }, without, sameContent)

const of =
  (type: Schema, value: (any: AnyData) => Value) =>
  (any: AnyData): SchemaAndValue => ({ schema: type, value: any.int(9) === 0 ? null : value(any) })
const optional = { optional: true }
roundTrips(
  'String',
  StringConverter,
  {},
  of(schema.string(optional), (any) => any.text()),
  sameContent,
)
roundTrips(
  'String in UTF-16',
  StringConverter,
  { 'converter.encoding': 'UTF-16' },
  of(schema.string(optional), (any) => any.text()),
  sameContent,
)
roundTrips(
  'ByteArray',
  ByteArrayConverter,
  {},
  of(schema.bytes(optional), (any) => any.bytes()),
  sameData,
)
roundTrips(
  'Boolean',
  BooleanConverter,
  {},
  of(schema.boolean(optional), (any) => any.int(2) === 0),
  sameData,
)
roundTrips(
  'Short',
  ShortConverter,
  {},
  of(schema.int16(optional), (any) => any.int(65_536) - 32_768),
  sameData,
)
roundTrips(
  'Integer',
  IntegerConverter,
  {},
  of(schema.int32(optional), (any) => any.int(2 ** 32) | 0),
  sameData,
)
roundTrips(
  'Long',
  LongConverter,
  {},
  of(schema.int64(optional), (any) => any.long()),
  sameData,
)
roundTrips(
  'Float',
  FloatConverter,
  {},
  of(schema.float32(optional), (any) => any.float()),
  sameData,
)
roundTrips(
  'Double',
  DoubleConverter,
  {},
  of(schema.float64(optional), (any) => any.double()),
  sameData,
)

test('JSON with a schema of its own reads what is written without', async () => {
  const writer = await open(JsonConverter, { 'schemas.enable': 'false' })
  const describer = await open(JsonConverter)
  for (let seed = first; seed < first + ROUNDS / 10; seed++) {
    const given = anyData(seed).data()
    const envelope = String(
      bytesOf(await describer.fromConnectData('t', given.schema, given.value, NO_HEADERS)),
    )
    const reader = await open(JsonConverter, { 'schema.content': schemaIn(envelope) })
    const written = bytesOf(await writer.fromConnectData('t', given.schema, given.value, NO_HEADERS))
    const back = await reader.toConnectData('t', written, NO_HEADERS)
    assert.ok(sameValue(given.value, back.value), `seed ${seed}: ${show(given)} came back as ${show(back)}`)
  }
})

/** The text of the schema, as it was written. */
const schemaIn = (envelope: string): string =>
  envelope.slice('{"schema":'.length, envelope.lastIndexOf(',"payload":'))

test('SimpleHeader: whole numbers keep their value, and what reads as text its characters', async () => {
  const converter = await SimpleHeaderConverter.open(
    parseConfig(SimpleHeaderConverter.config, {}),
    pluginContext(),
  )
  const through = (of: Schema, value: Value): SchemaAndValue =>
    converter.toConnectHeader('t', 'h', bytesOf(converter.fromConnectHeader('t', 'h', of, value)))
  let texts = 0
  for (let seed = first; seed < first + ROUNDS; seed++) {
    const any = anyData(seed)
    const whole = any.long()
    assert.equal(BigInt(through(schema.int64(), whole).value as number), whole, `seed ${seed}`)
    const text = any.text()
    const back = through(schema.string(), text)
    // as in Java, of a text that begins with a blank only what is before the next token is kept
    if (back.schema?.type !== 'string' || text.charCodeAt(0) <= 0x20) continue
    texts++
    assert.equal(back.value, text, `seed ${seed}`)
  }
  assert.ok(texts > ROUNDS / 2)
})
