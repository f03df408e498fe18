import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decimal, type Schema, schema, type Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { javaText } from '@isthmus/sdk/java'
import { TextWriter } from './text-writer.ts'

const writer = new TextWriter()
function written(value: Value | undefined, schema: Schema | null = null): string {
  writer.restart()
  writer.value(value, schema)
  return Buffer.from(writer.bytes()).toString()
}
const same = (value: Value | undefined, schema: Schema | null = null): void =>
  assert.equal(written(value, schema), Buffer.from(javaText(value, schema)).toString())

const NUMBERS = [
  0, -0, 1, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 1_000_000_007, 2 ** 31, 2 ** 32, 1_700_000_000_000,
  Number.MAX_SAFE_INTEGER, 2 ** 53, 1e21, 0.001, 0.000_999, 0.1, 0.25, 0.0625, 1.5, 1.05, 1.005, 1.0005, 1.000_05, 9_999_999.9999,
  9_999_999.5, 10_000_000.5, 123.456, 0.3, 0.1 + 0.2, 4.35, 1.1, 1.9999, 0.9999, Math.PI, 1e-7, 5e-324, Number.NaN, Infinity,
] // biome-ignore format: a table

test('numbers are written as javaText gives them, under every schema', () => {
  const schemas = [null, schema.float64(), schema.float32(), schema.int32(), schema.int64(), schema.string()]
  for (const given of schemas)
    for (const number of NUMBERS) {
      same(number, given)
      same(-number, given)
    }
  let state = 1
  for (let at = 0; at < 20_000; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    for (const number of [
      state,
      state / 1000,
      state / 2 ** 20,
      -state / 10 ** (at % 12),
      state * 2 ** (at % 20),
    ]) {
      same(number)
      same(number, schema.float64())
    }
  }
  for (const number of [0n, 1n, -1n, 10n ** 15n, 2n ** 63n - 1n, -(2n ** 63n)]) same(number, schema.int64())
})

test('half a character is a question mark, as Java prints it', () => {
  const long = 'é'.repeat(40)
  for (const text of ['\ud800', 'a\udc00b', `${long}\ud800`, `${long}\u{1f600}`])
    assert.equal(written(text), text.replace(/\p{Surrogate}/gu, '?'))
  assert.equal(written({ 'a\ud800': 'b\udc00' }), '{a?=b?}')
})

test('texts of any length and script', () => {
  for (const text of [
    '',
    'a',
    'Zürich',
    '日本',
    '😀',
    'x'.repeat(24),
    'x'.repeat(25),
    `${'x'.repeat(23)}é`,
    'é'.repeat(50_000),
  ])
    same([text, { [text]: text }])
})

test('maps, lists and structs, whatever the order and names of their fields', () => {
  const values: readonly Value[] = [
    {}, { a: 1 }, { a: null, b: [], c: [1, [null, 'x']], d: { e: {} } }, { a: true, b: false }, new Map<Value, Value>([[1, 'x']]),
    { ['__proto__']: 1, constructor: 2 }, { 10: 1, 2: 'x', z: 0.5 }, typedNumber('float64', 1), typedNumber('int32', 7),
    decimal(125n, 2), new Date(0), Buffer.from('ab'), Object.create(null) as Value, { a: decimal(1n, 1), b: new Date(1) },
  ] // biome-ignore format: a table
  for (const value of values) same([value, { value }, value])
  same(undefined)
  const inner = schema.struct([{ name: 'x', schema: schema.float64({ optional: true }) }])
  const struct = schema.struct([
    { name: 'id', schema: schema.int64() },
    { name: 'toString', schema: schema.string({ optional: true }) },
    { name: 'inner', schema: inner },
    { name: 'list', schema: schema.array(inner) },
    { name: 'time', schema: schema.timestamp({ optional: true }) },
    { name: 'small', schema: schema.float32({ optional: true }) },
  ])
  const whole = { id: 1n, inner: { x: 1 }, list: [{ x: 0.5 }, { x: null }], time: new Date(5), small: 0.1 }
  same(whole, struct)
  same({ ...whole, toString: 'own' }, struct)
  same({ list: [], inner: {}, id: 2n }, struct)
  same({ ...whole, other: 1 }, struct)
  same({ id: null, small: null }, struct)
  same({}, struct)
})

test('what was written before stays until a new start', () => {
  writer.restart()
  for (let at = 0; at < 50_000; at++) {
    writer.value({ at }, null)
    writer.text('\n')
  }
  const lines = Buffer.from(writer.bytes()).toString().split('\n')
  assert.equal(lines.length, 50_001)
  assert.equal(lines[49_999], '{at=49999}')
  writer.restart()
  assert.equal(writer.bytes().length, 0)
})
