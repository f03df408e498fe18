import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExact } from '../columns/row-json.ts'
import { inferType } from './infer.ts'

test('a table that comes about with its rows has columns that take them', () => {
  const rows = parseExact(`[
    {"small": 1, "big": 3000000000, "huge": 9223372036854775807, "real": 1, "text": "abcde", "flag": true},
    {"small": 2, "big": 1, "huge": 1, "real": 0.5, "text": null, "flag": false, "late": "x"}
  ]`) as object[]
  const { columns } = inferType(rows)
  assert.deepEqual(
    columns.map(({ name, base, properties }) => [name, base, ...properties]),
    [
      ['small', 'int'],
      ['big', 'long'],
      ['huge', 'long'],
      ['real', 'double'],
      ['text', 'string', 'char8', 'nullable'],
      ['flag', 'int', 'boolean'],
      ['late', 'string', 'char1', 'nullable'],
    ],
  )
})

test('long texts have no length, and values without a type of their own are refused', () => {
  assert.deepEqual(inferType([{ text: 'x'.repeat(257) }]).properties, { text: [] })
  assert.throws(() => inferType([{ a: { b: 1 } }]), /Column 'a': its type cannot be inferred/)
  assert.throws(() => inferType([5]), /Record is no JSON object/)
})
