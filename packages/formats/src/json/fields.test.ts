import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Converter, NO_HEADERS, parseConfig, schema, type Value } from '@isthmus/sdk'
import { fieldOfError } from '@isthmus/sdk/data'
import { pluginContext } from '@isthmus/testkit'
import { jsonConfig } from './config.ts'
import { JsonConverter } from './converter.ts'

const open = async (): Promise<Converter> =>
  JsonConverter.open(parseConfig(jsonConfig, { 'converter.type': 'value' }), 'value', pluginContext())

function fieldOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    return fieldOfError(error)
  }
  return assert.fail('nothing is wrong with it')
}

const line = schema.struct([{ name: 'price', schema: schema.int32() }])
const order = schema.struct([
  { name: 'id', schema: schema.string() },
  { name: 'lines', schema: schema.array(line) },
  { name: 'tags', schema: schema.map(schema.string(), schema.boolean()) },
])
const good = { id: 'a', lines: [{ price: 1 }, { price: 2 }], tags: { new: true } }
const bad: readonly (readonly [field: string, payload: object])[] = [
  ['id', { ...good, id: null }],
  ['lines', { ...good, lines: 7 }],
  ['lines[1].price', { ...good, lines: [{ price: 1 }, { price: 'two' }] }],
  ['lines[0].price', { ...good, lines: [{}] }],
  ['tags.old', { ...good, tags: { new: true, old: 'yes' } }],
]

test('bad data says in which field it is: read with a schema', async () => {
  const converter = await open()
  const fields = (name: string) => [
    { type: 'string', field: 'id' },
    { type: 'array', field: 'lines', items: { type: 'struct', fields: [{ type: 'int32', field: 'price' }] } },
    { type: 'map', field: name, keys: { type: 'string' }, values: { type: 'boolean' } },
  ]
  const read = (payload: object) => () => {
    const text = JSON.stringify({ schema: { type: 'struct', fields: fields('tags') }, payload })
    return converter.toConnectData('t', Buffer.from(text), NO_HEADERS)
  }
  assert.ok(read(good)())
  for (const [field, payload] of bad) assert.equal(fieldOf(read(payload)), field)
})

test('bad data says in which field it is: written, with a schema and without', async () => {
  const converter = await open()
  const structOf = ({ tags, ...rest }: typeof good): Value =>
    ({ ...rest, tags: new Map(Object.entries(tags)) }) as unknown as Value
  assert.ok(converter.fromConnectData('t', order, structOf(good), NO_HEADERS))
  for (const [field, payload] of bad)
    assert.equal(
      fieldOf(() => converter.fromConnectData('t', order, structOf(payload as typeof good), NO_HEADERS)),
      field,
    )
  const odd = { at: [{ when: new Date(0) }] } as unknown as Value
  assert.equal(
    fieldOf(() => converter.fromConnectData('t', null, odd, NO_HEADERS)),
    'at[0].when',
  )
})

test('what is nested deep is looked for once at each depth', async () => {
  const converter = await open()
  const depth = 200
  let nested = schema.struct([{ name: 'd', schema: schema.int32() }])
  let value: Value = { d: 'no number' }
  for (let i = 1; i < depth; i++) {
    nested = schema.struct([{ name: 'd', schema: nested }])
    value = { d: value }
  }
  const field = fieldOf(() => converter.fromConnectData('t', nested, value, NO_HEADERS))
  assert.equal(field, Array(depth).fill('d').join('.'))
})
