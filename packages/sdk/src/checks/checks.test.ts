import assert from 'node:assert/strict'
import { test } from 'node:test'
import vm from 'node:vm'
import { sourceRecord } from '../record.ts'
import { schema } from '../schema/builders.ts'
import { decimal, typedNumber } from '../schema/schema.ts'
import { polledFault, schemaFault, valueFault } from './index.ts'

const record = sourceRecord({
  topic: 't',
  value: 'v',
  sourcePartition: { file: 'a' },
  sourceOffset: { line: 1 },
})

test('what a poll answers is records, or is told what is wrong with it', () => {
  for (const sound of [null, [], [record], [{ ...record, key: undefined }]])
    assert.equal(polledFault(sound), null)
  const iterator = [record].values()
  for (const [polled, said] of [
    [undefined, /^'poll' has returned undefined: it returns an array of records, or null/],
    [record, /^'poll' has returned \{ .*topic: 't'.* \}: it returns an array of records, or null/],
    ['text', /^'poll' has returned 'text': it returns an array/],
    [iterator, /^'poll' has returned Object \[Array Iterator\] \{\}: it returns an array/],
    [new Set([record]), /it returns an array/],
    [[null], /a record that is none: it is no object: null$/],
    [['line'], /a record that is none: it is no object: 'line'$/],
    [[[record]], /a record that is none: it is no object/],
    [[Promise.resolve(record)], /it is a promise: await it/],
    [
      [{ topic: 't', value: 'v' }],
      /it has no sourcePartition, sourceOffset, keySchema, valueSchema, headers \(sourceRecord\(.*: \{ topic: 't', value: 'v' \}$/,
    ],
    [[{ ...record, headers: {} }], /its headers are no array/],
    [[{ ...record, headers: [{ name: 'x', value: 1 }] }], /its headers\[0\] is no header, which is \{ key/],
    [[{ ...record, headers: [null] }], /its headers\[0\] is no header/],
    [
      [{ ...record, headers: [{ key: 'x', schema: null, value: { f() {} } }] }],
      /its headers\[0\]\.value\.f is a function/,
    ],
    [[{ ...record, value: { a: [new Set()] } }], /its value\.a\[0\] is an instance of Set: a value is null/],
    [[{ ...record, key: Symbol('x') }], /its key is a symbol/],
    [[{ ...record, valueSchema: 'string' }], /its valueSchema is string: schemas are made by/],
    [[{ ...record, keySchema: { type: 'text' } }], /its keySchema is a schema of the type "text": /],
  ] as const) {
    const fault = polledFault(polled)
    assert.match(fault ?? 'nothing', said)
  }
})

test('a source partition and an offset hold what can be stored', () => {
  const fault = (sourceOffset: unknown) => polledFault([{ ...record, sourceOffset }])
  for (const sound of [{}, { a: null, b: true, c: 1.5, d: 2n ** 62n, e: 'x', f: typedNumber('float64', 1) }])
    assert.equal(fault(sound), null)
  const circle: { [name: string]: unknown } = {}
  circle['self'] = circle
  for (const [offset, said] of [
    [5, /its sourceOffset is no object/],
    [[1], /its sourceOffset is no object/],
    [new Map([['a', 1]]), /its sourceOffset is no object/],
    [new (class Position {})(), /its sourceOffset is an instance of a class/],
    [{ at: new Date(0) }, /its sourceOffset\.at is a Date \(getTime\(\) or/],
    [{ at: undefined }, /its sourceOffset\.at is undefined, which cannot be stored/],
    [{ at: Number.NaN }, /\.at is NaN/],
    [{ at: 2n ** 64n }, /\.at is a bigint of more than 64 bits/],
    [{ at: { line: 1 } }, /\.at is no single value/],
    [{ at: () => 1 }, /\.at is function/],
    [circle, /\.self is no single value/],
  ] as const)
    assert.match(fault(offset) ?? 'nothing', said)
  assert.match(
    polledFault([{ ...record, sourcePartition: { id: Symbol('x') } }]) ?? '',
    /its sourcePartition\.id is symbol/,
  )
})

test('a value without a schema holds what can be written, however deep', () => {
  const elsewhere: unknown = vm.runInNewContext('({ a: [1] })')
  for (const sound of [
    null,
    undefined,
    1,
    'x',
    { a: undefined },
    { a: new Map<unknown, unknown>([[1, { b: new Date(0) }]]) },
    [Buffer.from('x'), decimal(1n, 2), typedNumber('int8', 1)],
    Object.create(null),
    elsewhere,
  ])
    assert.equal(valueFault(sound), null)
  const shared = { x: 1 }
  assert.equal(valueFault([shared, shared]), null)
  const circle: { a: { b: unknown[] } } = { a: { b: [] } }
  circle.a.b.push(circle)
  let deep: unknown = 1
  for (let depth = 0; depth < 100_000; depth++) deep = { deep }
  for (const [value, said] of [
    [circle, /^\.a\.b\[0\] holds itself/],
    [deep, /lies deeper than 1000 levels$/],
    [{ at: new Date('never') }, /^\.at is a Date that is none/],
    [{ id: new URL('http://a') }, /^\.id is an instance of URL/],
    [new Map([['k', () => 1]]), /^\[k\] is a function/],
    [new Map([[() => 1, 1]]), /^ \(key 0\) is a function/],
    [{ later: Promise.resolve(1) }, /^\.later is a promise: await it/],
    [new Error('x'), /^ is an instance of Error/],
    [new Float64Array(1), /^ is an instance of Float64Array/],
  ] as const)
    assert.match(valueFault(value) ?? 'nothing', said)
})

test('a schema is made of known types, down to its fields', () => {
  const sound = schema.struct({ a: schema.array(schema.map(schema.string(), schema.int64())) })
  assert.equal(schemaFault(sound), null)
  assert.equal(schemaFault(null), null)
  const self: { type: string; items: unknown } = { type: 'array', items: null }
  self.items = self
  for (const [given, said] of [
    [undefined, /^ is undefined: schemas are made by/],
    [{ type: 'struct', fields: { a: 1 } }, /^ is a struct without an array of fields$/],
    [
      { type: 'struct', fields: [{ name: 'a', schema: { type: 'array', items: { type: 'int' } } }] },
      /^\.a\.items is a schema of the type "int"/,
    ],
    [{ type: 'struct', fields: [{ name: 'a' }] }, /^\.a is undefined/],
    [{ type: 'struct', fields: [null] }, /^ has a field without a name$/],
    [self, /has no end: it refers to itself$/],
  ] as const)
    assert.match(schemaFault(given) ?? 'nothing', said)
})
