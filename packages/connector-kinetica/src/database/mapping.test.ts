import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, decimal, type Schema, schema, type Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { type BaseType, columnsOf, typeDefinition, typeProperties } from './column.ts'
import { columnOfField, columnOfValue, schemaOfColumn } from './mapping.ts'

const fields: readonly (readonly [Schema, BaseType, ...string[]])[] = [
  [schema.int8(), 'int', 'int8'],
  [schema.int16(), 'int', 'int16'],
  [schema.int32(), 'int'],
  [schema.int64(), 'long'],
  [schema.float32(), 'float'],
  [schema.float64(), 'double'],
  [schema.boolean(), 'int', 'boolean'],
  [schema.string(), 'string'],
  [schema.bytes(), 'bytes'],
  [schema.decimal(0), 'string', 'decimal'],
  [schema.decimal(4), 'string', 'decimal'],
  [schema.decimal(5), 'string', 'decimal(27,5)'],
  [schema.decimal(-2), 'string', 'decimal(27,0)'],
  [schema.decimal(27), 'string', 'decimal(27,27)'],
  [schema.decimal(28), 'string'],
  [schema.date(), 'string', 'date'],
  [schema.time(), 'string', 'time'],
  [schema.timestamp(), 'long', 'timestamp'],
  [schema.string({ name: 'toString' }), 'string'],
]
for (const [field, type, ...properties] of fields)
  for (const optional of [false, true])
    test(`${optional ? 'an optional' : 'a'} ${field.name ?? field.type} becomes ${[type, ...properties].join(' ')}`, () => {
      const column = columnOfField('c', { ...field, optional })
      assert.deepEqual(column, { name: 'c', type, nullable: optional, properties })
      assert.deepEqual(columnsOf(typeDefinition([column]), typeProperties([column])), [column])
    })

const values: readonly (readonly [Value, BaseType, ...string[]])[] = [
  [true, 'int', 'boolean'],
  [5, 'long'],
  [5n, 'long'],
  [0.5, 'double'],
  [typedNumber('float32', 1), 'float'],
  [typedNumber('int8', 1), 'int', 'int8'],
  ['text', 'string'],
  [Buffer.of(1), 'bytes'],
  [new Date(0), 'long', 'timestamp'],
  [decimal(1n, 2), 'string', 'decimal'],
]
for (const [value, type, ...properties] of values)
  test(`${String(value)} without a schema becomes ${[type, ...properties].join(' ')}, nullable`, () => {
    assert.deepEqual(columnOfValue('c', value), { name: 'c', type, nullable: true, properties })
  })

test('a null without a schema becomes no column, and what no column holds is refused by its field', () => {
  assert.equal(columnOfValue('c', null), null)
  const unsupported = (error: unknown) =>
    codeOf(error) === 'data' && /Unsupported type for field c\./.test((error as Error).message)
  for (const value of [[1], { a: 1 }, new Map()]) assert.throws(() => columnOfValue('c', value), unsupported)
  for (const field of [
    schema.array(null),
    schema.map(schema.string(), schema.string()),
    schema.struct({ a: schema.int8() }),
  ])
    assert.throws(() => columnOfField('c', field), unsupported)
})

test('a column has the schema of its type, optional where it is nullable', () => {
  for (const [type, expected] of [
    ['int', schema.int32()],
    ['long', schema.int64()],
    ['float', schema.float32()],
    ['double', schema.float64()],
    ['string', schema.string()],
    ['bytes', schema.bytes()],
  ] as const)
    for (const nullable of [false, true])
      assert.deepEqual(schemaOfColumn({ name: 'c', type, nullable, properties: [] }), {
        ...expected,
        optional: nullable,
      })
})

test('what is no type of a table is refused by its column', () => {
  for (const type of ['boolean', ['null', 'int'], ['int', 'string'], { type: 'array', items: 'int' }])
    assert.throws(
      () => columnsOf(JSON.stringify({ type: 'record', name: 'n', fields: [{ name: 'c', type }] })),
      /column c has the type/,
    )
  assert.throws(() => columnsOf('{}'), /has no fields/)
})
