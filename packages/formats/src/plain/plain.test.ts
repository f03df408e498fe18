import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Converter,
  type ConverterPlugin,
  type HeaderConverter,
  type HeaderConverterPlugin,
  parseConfig,
  type SchemaAndValue,
} from '@isthmus/sdk'
import { renderKey } from '@isthmus/sdk/config'
import {
  assertGolden,
  fromTagged,
  goldenCases,
  schemaFromTagged,
  schemaToTagged,
  type Tagged,
  type TaggedSchema,
  toTagged,
} from '@isthmus/sdk/testing'
import { pluginContext } from '@isthmus/testkit'
import * as formats from '../index.ts'

const FILE = new URL('../golden/plain.json', import.meta.url)
const PLUGINS = Object.values(formats) as readonly (ConverterPlugin | HeaderConverterPlugin)[]

interface PlainCase {
  readonly class: string
  readonly config?: { readonly [name: string]: string }
  readonly schema: TaggedSchema
  readonly value: Tagged
  readonly hex?: boolean
  readonly text?: string
  readonly bytes?: string | null
}

const pluginOf = (name: string): ConverterPlugin | HeaderConverterPlugin => {
  const plugin = PLUGINS.find((candidate) => candidate.class === name)
  assert.ok(plugin, name)
  return plugin
}

async function openConverter(item: PlainCase): Promise<Converter> {
  const plugin = pluginOf(item.class) as ConverterPlugin
  return plugin.open(
    parseConfig(plugin.config, { 'converter.type': 'value', ...item.config }),
    'value',
    pluginContext(),
  )
}

async function openHeader(item: PlainCase): Promise<HeaderConverter> {
  const plugin = pluginOf(item.class)
  const config = parseConfig(plugin.config, { 'converter.type': 'header', ...item.config })
  if (plugin.type === 'header_converter') return plugin.open(config, pluginContext())
  assert.ok(plugin.openHeader)
  return plugin.openHeader(config, pluginContext())
}

const bytesOf = (item: PlainCase): Uint8Array | null => {
  if (item.bytes === null) return null
  return item.bytes === undefined ? Buffer.from(item.text ?? '') : Buffer.from(item.bytes, 'hex')
}
const hexOf = (serialized: unknown): string | null =>
  serialized === null ? null : Buffer.from(serialized as Uint8Array).toString('hex')
const tagged = ({ schema, value }: SchemaAndValue) => ({
  schema: schemaToTagged(schema),
  value: toTagged(value, schema),
})

test('every converter writes the bytes that Java writes', async () => {
  for (const item of goldenCases<PlainCase, string>(FILE, 'write')) {
    const converter = await openConverter(item.in)
    assertGolden(item, () => {
      const schema = schemaFromTagged(item.in.schema)
      return hexOf(converter.fromConnectData('t', schema, fromTagged(item.in.value, schema), []))
    })
  }
})

test('every converter reads what Java reads', async () => {
  for (const item of goldenCases<PlainCase, { schema: TaggedSchema; value: Tagged }>(FILE, 'read')) {
    if (item.in.config?.['converter.encoding'] === 'nope') {
      await assert.rejects(openConverter(item.in), { code: 'config', message: /^Unknown character set nope/ })
      continue
    }
    const converter = await openConverter(item.in)
    assertGolden(item, () => tagged(converter.toConnectData('t', bytesOf(item.in), []) as SchemaAndValue))
  }
})

test('headers are written and read as in Java', async () => {
  for (const item of goldenCases<PlainCase, string>(FILE, 'writeHeader')) {
    const converter = await openHeader(item.in)
    assertGolden(item, () => {
      const schema = schemaFromTagged(item.in.schema)
      return hexOf(converter.fromConnectHeader('t', 'h', schema, fromTagged(item.in.value, schema)))
    })
  }
  for (const item of goldenCases<PlainCase, { schema: TaggedSchema; value: Tagged }>(FILE, 'readHeader')) {
    const converter = await openHeader(item.in)
    assertGolden(item, () => tagged(converter.toConnectHeader('t', 'h', bytesOf(item.in))))
  }
})

test('REST shows the same definition as Java for every converter', () => {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  for (const item of goldenCases<string, { name: string }[]>(FILE, 'keys')) {
    const keys = Object.entries(pluginOf(item.in).config).map(([name, key]) => renderKey(name, key))
    assert.deepEqual(keys.sort(byName), [...(item.out ?? [])].sort(byName), item.in)
  }
})

test('a StringConverter goes by the properties of Java’s serializers too, and headers by those of values', async () => {
  const item = (config: { [name: string]: string }): PlainCase => ({
    class: formats.StringConverter.class,
    schema: null,
    value: null,
    config,
  })
  const opened = async (config: { [name: string]: string }, role: 'key' | 'value') => {
    const parsed = parseConfig(formats.StringConverter.config, { 'converter.type': role, ...config })
    const converter = await formats.StringConverter.open(parsed, role, pluginContext())
    const read = converter.toConnectData('t', Buffer.from('é'), []) as SchemaAndValue
    return [hexOf(converter.fromConnectData('t', null, 'é', [])), read.value]
  }
  const [utf8, utf16] = ['c3a9', 'feff00e9']
  // as a running StringConverter of Java answers
  for (const [name, key, value] of [
    ['serializer.encoding', [utf8, 'é'], [utf8, 'é']],
    ['deserializer.encoding', [utf8, 'é'], [utf8, 'é']],
    ['key.serializer.encoding', [utf16, 'é'], [utf8, 'é']],
    ['value.serializer.encoding', [utf8, 'é'], [utf16, 'é']],
    ['key.deserializer.encoding', [utf8, '\uc3a9'], [utf8, 'é']],
    ['value.deserializer.encoding', [utf8, 'é'], [utf8, '\uc3a9']],
    ['converter.encoding', [utf16, '\uc3a9'], [utf16, '\uc3a9']],
  ] as const) {
    assert.deepEqual(await opened({ [name]: 'UTF-16' }, 'key'), key, name)
    assert.deepEqual(await opened({ [name]: 'UTF-16' }, 'value'), value, name)
  }
  const both = { 'converter.encoding': 'ISO-8859-1', 'value.serializer.encoding': 'UTF-8' }
  assert.deepEqual(await opened(both, 'value'), [utf8, 'Ã©'])
  const header = await openHeader(item({ 'value.serializer.encoding': 'UTF-16' }))
  assert.equal(hexOf(header.fromConnectHeader('t', 'h', null, 'é')), utf16)
  await assert.rejects(
    opened({ 'key.deserializer.encoding': 'nope' }, 'key'),
    /^ConnectError: Unknown character set nope/,
  )
})

test('a header that nests too deep is handed on as bytes', async () => {
  const bytes = Buffer.from('['.repeat(200_000))
  const converter = await openHeader({
    class: formats.SimpleHeaderConverter.class,
    schema: null,
    value: null,
  })
  const { schema, value } = converter.toConnectHeader('t', 'h', bytes)
  assert.equal(schema?.type, 'bytes')
  assert.deepEqual(Buffer.from(value as Uint8Array), bytes)
})

test('bytes read are a copy of the batch they came in', async () => {
  const converter = await openConverter({
    class: formats.ByteArrayConverter.class,
    schema: null,
    value: null,
  })
  const batch = Uint8Array.of(1, 2, 3)
  const { value } = (await converter.toConnectData('t', batch.subarray(1), [])) as SchemaAndValue
  batch.fill(0)
  assert.deepEqual([...(value as Uint8Array)], [2, 3])
})

test('copies of bytes are whole, whatever their sizes, and cannot be taken from one another', async () => {
  const converter = await openConverter({
    class: formats.ByteArrayConverter.class,
    schema: null,
    value: null,
  })
  const sizes = [0, 1, 7, 8, 4095, 4096, 4097, 70_000, ...Array.from({ length: 200 }, (_, n) => n * 19)]
  const wanted = sizes.map((size, n) => Buffer.alloc(size, n + 1))
  const copies = wanted.map((bytes) => {
    const { value } = converter.toConnectData('t', bytes, []) as SchemaAndValue
    return value as Uint8Array<ArrayBuffer>
  })
  assert.deepEqual(
    copies.map((copy) => Buffer.from(copy)),
    wanted,
  )
  const small = copies[2] as Uint8Array<ArrayBuffer>
  assert.throws(() => structuredClone(small, { transfer: [small.buffer] }), { name: 'DataCloneError' })
})
