import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineColumn } from '../columns/column.ts'
import type { Row } from '../columns/row-bytes.ts'
import { parseExpression } from './expression.ts'

const columns = [
  defineColumn('id', 'long', false, []),
  defineColumn('name', 'string', true, []),
  defineColumn('price', 'string', true, ['decimal(10,2)']),
  defineColumn('at', 'long', true, ['timestamp']),
  defineColumn('day', 'string', true, ['date']),
  defineColumn('ip', 'string', true, ['ipv4']),
  defineColumn('data', 'bytes', true, []),
]

const rows: readonly Row[] = [
  [1n, 'one', '9.00', 0n, '2020-01-02', '9.0.0.1', null],
  [2n, "o'two", '10.50', 1_000n, '2020-01-10', '10.0.0.1', null],
  [2n ** 62n, null, null, null, null, null, null],
]

const satisfied = (text: string): readonly number[] => {
  const matches = parseExpression(text, columns)
  return rows.flatMap((row, index) => (matches(row) ? [index] : []))
}

const cases: readonly (readonly [expression: string, rows: readonly number[]])[] = [
  ['', [0, 1, 2]],
  ['id > 1', [1, 2]],
  ['"id" > 1 AND "id" < 4611686018427387904', [1]],
  ['id >= 4611686018427387904', [2]],
  ['id > 4611686018427387903', [2]],
  ['id > -1.5 and id <= 1', [0]],
  ['1 < id', [1, 2]],
  ["name = 'one'", [0]],
  ['name = "one"', [0]],
  ["name = 'o''two'", [1]],
  ["name <> 'one'", [1]],
  ["not (name = 'one')", [1]],
  ["not name = 'one' or id = 1", [0, 1]],
  ['name is null', [2]],
  ['name IS NOT NULL', [0, 1]],
  ['name = name', [0, 1]],
  ["price > '9.5'", [1]],
  ['price >= 9', [0, 1]],
  ['at > 0', [1]],
  ["at >= '1970-01-01 00:00:01.000'", [1]],
  ["day > '2020-1-2'", [1]],
  ["ip > '9.0.0.1'", [1]],
  ['id in (1, 2)', [0, 1]],
  ['id not in (1)', [1, 2]],
  ['id between 2 and 3', [1]],
  ["(id = 1 or id = 2) && !(name = 'one')", [1]],
]

for (const [expression, expected] of cases) {
  test(`rows that satisfy: ${expression}`, () => assert.deepEqual(satisfied(expression), expected))
}

const invalid: readonly (readonly [expression: string, message: RegExp])[] = [
  ['id >', /it ends early/],
  ['id > 1 1', /at '1'/],
  ['missing > 1', /unknown column 'missing'/],
  ['id > abc', /unknown column 'abc'/],
  ["id > 'x'", /Invalid comparison with column 'id': a number is compared with a string/],
  ["day = 'never'", /Invalid comparison with column 'day': 'never' is not a date/],
  ['id > 1; drop', /at ';/],
  ['(id > 1', /it ends early/],
  ["name = 'open", /Invalid expression/],
]

for (const [expression, message] of invalid) {
  test(`no expression: ${expression}`, () => {
    assert.throws(() => parseExpression(expression, columns), { message })
  })
}
