import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, decimal, type Schema, schema, type Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { AvroWriter } from '../database/avro-writer.ts'
import type { BaseType, Column } from '../database/column.ts'
import { rowReader } from '../database/row.ts'
import { valueWriter } from './value-writer.ts'

const column = (type: BaseType, ...properties: readonly string[]): Column => ({
  name: 'c',
  type,
  nullable: properties.includes('nullable'),
  properties: properties.filter((property) => property !== 'nullable'),
})

/** The value as the database reads it, or why it cannot be written. */
function written(into: Column, value: Value, field: Schema | null = null): Value | string {
  const writer = new AvroWriter()
  valueWriter(into, field)(writer, value)
  return rowReader([into])(writer.view())['c'] ?? null
}

const at = new Date(Date.UTC(2024, 1, 29, 13, 14, 15, 16))
const cases: readonly (readonly [what: string, Column, Value, Value, Schema?])[] = [
  ['a number into any number', column('int'), 5n, 5],
  ['', column('int'), 5.0, 5],
  ['', column('int'), typedNumber('int16', 5), 5],
  ['', column('int'), decimal(50n, 1), 5],
  ['', column('int'), decimal(5n, -1), 50],
  ['', column('long'), 2 ** 53 - 1, 9007199254740991n],
  ['', column('long'), 2 ** 60, 1152921504606846976n],
  ['', column('long'), -(2n ** 63n), -(2n ** 63n)],
  ['', column('long', 'timestamp'), 5n, 5n],
  ['', column('double'), 3n, 3],
  ['', column('double'), decimal(125n, 2), 1.25],
  ['', column('float'), typedNumber('float64', 0.5), 0.5],
  ['', column('float'), Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
  ['', column('float'), 0.1, Math.fround(0.1)],
  ['a number into text', column('string'), 12345678901234567890n, '12345678901234567890'],
  ['', column('string'), 5, '5'],
  ['', column('string'), 5, '5.0', schema.float64()],
  ['', column('string'), 0.1, '0.1'],
  ['', column('string'), Math.fround(0.1), '0.1', schema.float32()],
  ['', column('string'), typedNumber('float64', 5), '5.0'],
  ['', column('string'), decimal(-5n, 2), '-0.05'],
  ['', column('string', 'decimal'), 1e21, '1000000000000000000000'],
  ['', column('string', 'decimal(27,10)'), decimal(1n, 10), '0.0000000001'],
  ['', column('string', 'datetime'), at.getTime(), '2024-02-29 13:14:15.016'],
  ['', column('string', 'datetime'), BigInt(at.getTime()), '2024-02-29 13:14:15.016'],
  ['a boolean', column('int', 'boolean'), true, 1],
  ['', column('long'), false, 0n],
  ['', column('double'), true, 1],
  ['', column('string'), true, 'true'],
  ['bytes', column('bytes'), Buffer.from('ab'), Buffer.from('ab')],
  ['text', column('string', 'date'), '2024-02-29', '2024-02-29'],
  ['', column('string', 'datetime'), 'tomorrow', 'tomorrow'],
  ['text into a timestamp', column('long', 'timestamp'), '2024-02-29 13:14:15.016', BigInt(at.getTime())],
  ['', column('long', 'timestamp'), '2024-02-29T13:14:15.016Z', BigInt(at.getTime())],
  ['', column('long', 'timestamp'), '2024-02-29 13:14:15.016999', BigInt(at.getTime())],
  ['', column('long', 'timestamp'), '2024-02-29', BigInt(Date.UTC(2024, 1, 29))],
  ['', column('long', 'timestamp'), '0001-01-01 00:00:00', -30_610_224_000_000n],
  ['', column('long', 'timestamp'), '12024-01-01 00:00:00.000', 29_379_542_399_999n],
  ['a date', column('string', 'date'), at, '2024-02-29'],
  ['', column('string', 'time'), new Date(3_723_004), '01:02:03.004', schema.time()],
  ['', column('string', 'datetime'), at, '2024-02-29 13:14:15.016'],
  ['', column('string'), at, '2024-02-29', schema.date()],
  ['', column('string'), at, '13:14:15.016', schema.time()],
  ['', column('string'), at, '2024-02-29 13:14:15.016', schema.timestamp()],
  ['', column('long', 'timestamp'), at, BigInt(at.getTime()), schema.timestamp()],
  ['', column('long', 'timestamp'), at, BigInt(at.getTime()), schema.date()],
  ['null', column('int', 'nullable'), null, null],
  ['', column('int', 'nullable'), 5, 5],
  ['a default', column('int'), null, 7, schema.int32({ default: 7 })],
  ['', column('int', 'nullable'), null, 7, schema.int32({ optional: true, default: 7 })],
]

let what = ''
for (const [named, into, value, expected, field] of cases) {
  what = named || what
  const shown = `${into.type} ${into.properties.join(' ')}`.trim()
  test(`${what}: ${typeof value === 'object' ? JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one)) : value} into ${shown} is ${expected}`, () => {
    assert.deepEqual(written(into, value, field ?? null), expected)
  })
}

const refused: readonly (readonly [Column, Value, Schema?])[] = [
  [column('int'), 2 ** 31],
  [column('int'), 1.5],
  [column('int'), '5'],
  [column('int'), decimal(15n, 1)],
  [column('int', 'int8'), 128],
  [column('int', 'int16'), -32769],
  [column('int', 'boolean'), 2],
  [column('int'), at],
  [column('long'), 2n ** 63n],
  [column('long'), 0.5],
  [column('long'), Number.NaN],
  [column('long'), at],
  [column('long', 'timestamp'), 'tomorrow'],
  [column('long', 'timestamp'), '2023-02-29'],
  [column('long', 'timestamp'), '2024-04-31 00:00:00.000'],
  [column('long', 'timestamp'), '2016-12-31 23:59:60'],
  [column('long', 'timestamp'), new Date(5), schema.time()],
  [column('long', 'timestamp'), new Date(Number.NaN)],
  [column('double'), '1'],
  [column('float'), 1e300],
  [column('float'), decimal(-1n, -39)],
  [column('float'), Buffer.of(1)],
  [column('string'), Buffer.of(1)],
  [column('string'), []],
  [column('string'), { a: 1 }],
  [column('string', 'date'), 5],
  [column('string', 'time'), 5],
  [column('string', 'datetime'), true],
  [column('string', 'datetime'), 1e16],
  [column('string', 'decimal'), true],
  [column('string', 'decimal'), Number.POSITIVE_INFINITY],
  [column('string'), new Date(Number.NaN)],
  [column('bytes'), 'text'],
  [column('bytes'), 5],
  [column('int'), null],
]
for (const [into, value, field] of refused) {
  const shown = `${into.type} ${into.properties.join(' ')}`.trim()
  test(`${String(value)} is refused by ${shown}, with a message that names the column`, () => {
    assert.throws(
      () => written(into, value, field ?? null),
      (error) => codeOf(error) === 'data' && (error as Error).message.includes(`column c (${into.type}`),
    )
  })
}

test('a message shows a part of a long value only', () => {
  assert.throws(
    () => written(column('int'), 'x'.repeat(10_000)),
    (error) => (error as Error).message.length < 300,
  )
})
