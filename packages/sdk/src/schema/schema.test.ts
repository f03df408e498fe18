import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataError } from '../errors.ts'
import { calendarFields, dateText, epochMs } from '../java/date.ts'
import { recordText, schemaText } from '../java/text.ts'
import { sourceRecord } from '../record.ts'
import { schema } from './builders.ts'
import { sameSchema, sameValue } from './equal.ts'
import {
  dateFromDays,
  dateToDays,
  decimalFromBytes,
  decimalToBytes,
  timeFromMs,
  timestampFromMs,
  timestampToMs,
  timeToMs,
} from './logical.ts'
import { decimal, fieldOf, kindOf, setField, typedNumber, type Value } from './schema.ts'

test('a struct names its fields in order and refuses a name twice or none', () => {
  const point = schema.struct({ x: schema.int32(), y: schema.int32({ optional: true }) }, { name: 'Point' })
  assert.deepEqual(
    point.fields.map((field) => field.name),
    ['x', 'y'],
  )
  assert.equal(schemaText(point), 'Schema{Point:STRUCT}')
  assert.equal(schemaText(schema.int8()), 'Schema{INT8}')
  const twice = [
    { name: 'x', schema: schema.int8() },
    { name: 'x', schema: schema.int8() },
  ]
  assert.throws(
    () => schema.struct(twice),
    dataError('Cannot create field because of field name duplication x'),
  )
  assert.throws(() => schema.struct({ '': schema.int8() }), dataError('fieldName cannot be null.'))
})

test('schemas are the same when everything about them is', () => {
  const make = (options: object = {}) =>
    schema.struct(
      { a: schema.map(schema.string(), schema.array(schema.int8({ default: 1 }))), d: schema.decimal(2) },
      { doc: 'd', parameters: { p: '1', q: '2' }, ...options },
    )
  assert.ok(sameSchema(make(), make({ parameters: { q: '2', p: '1' } })))
  for (const other of [
    { optional: true },
    { name: 'n' },
    { version: 1 },
    { doc: 'e' },
    { parameters: { p: '1' } },
  ])
    assert.ok(!sameSchema(make(), make(other)), JSON.stringify(other))
  assert.ok(!sameSchema(schema.int8({ default: 1 }), schema.int8({ default: 2 })))
  assert.ok(!sameSchema(schema.int8({ default: 1 }), schema.int8()))
  assert.ok(!sameSchema(schema.decimal(1), schema.decimal(2)))
})

test('values are the same by content, numbers with their kind', () => {
  const same: readonly (readonly [Value, Value])[] = [
    [1, 1n],
    [Uint8Array.of(1, 2), Buffer.from([1, 2])],
    [new Date(5), new Date(5)],
    [decimal(150n, 2), decimal(150n, 2)],
    [new Map([['a', [1]]]), { a: [1] }],
    [Number.NaN, Number.NaN],
    [typedNumber('float64', 1.5), 1.5],
  ]
  for (const [a, b] of same) assert.ok(sameValue(a, b))
  const other: readonly (readonly [Value, Value])[] = [
    [1, typedNumber('float64', 1)],
    [decimal(150n, 2), decimal(15n, 1)],
    [{ a: 1 }, { b: 1 }],
    [[1], [1, 2]],
    ['1', 1],
    [null, {}],
  ]
  for (const [a, b] of other) assert.ok(!sameValue(a, b))
})

test('data that looks like a number object is none', () => {
  assert.equal(kindOf({ number: 1, kind: 'int8' }), 'map')
  assert.equal(kindOf({ unscaled: 1n, scale: 0 }), 'map')
  assert.equal(kindOf(typedNumber('int8', 1)), 'int8')
  assert.equal(kindOf(decimal(1n, 0)), 'decimal')
})

test('a field may have any name, and one that is absent is null', () => {
  const struct: { [name: string]: Value } = {}
  for (const name of ['__proto__', 'toString', 'constructor']) assert.equal(fieldOf(struct, name), null)
  setField(struct, '__proto__', 'mine')
  assert.equal(fieldOf(struct, '__proto__'), 'mine')
  assert.equal(Object.getPrototypeOf(struct), Object.prototype)
  assert.equal(fieldOf({ ...struct }, '__proto__'), 'mine')
})

test('logical values keep to their ranges', () => {
  const [date, time, timestamp] = [schema.date(), schema.time(), schema.timestamp()]
  assert.equal(dateToDays(date, new Date(-86_400_000)), -1)
  assert.deepEqual(dateFromDays(date, -1), new Date(-86_400_000))
  assert.throws(() => dateToDays(date, new Date(1)), /should not have any time fields set to non-zero values/)
  assert.equal(timeToMs(time, new Date(86_400_000)), 86_400_000)
  assert.throws(() => timeToMs(time, new Date(-1)), /should not have any date fields set to non-zero values/)
  assert.throws(
    () => timeFromMs(time, 86_400_001),
    /number of milliseconds greater than 0 and less than 86400000/,
  )
  assert.equal(timestampToMs(timestamp, new Date(-5)), -5n)
  assert.deepEqual(timestampFromMs(timestamp, -5n), new Date(-5))
  assert.throws(() => timestampFromMs(timestamp, 2n ** 62n), /beyond the range of dates/)
  assert.throws(
    () => dateToDays(time, new Date(0)),
    /Requested conversion of Date object but the schema does not match/,
  )
  const cents = schema.decimal(2)
  assert.deepEqual([...decimalToBytes(cents, decimal(-1n, 2))], [0xff])
  assert.deepEqual(decimalFromBytes(cents, Uint8Array.of(0x6e)), decimal(110n, 2))
  assert.throws(() => decimalToBytes(cents, decimal(1n, 3)), /Schema has scale 2, value has scale 3\./)
})

test('the calendar is the Julian one before 15 October 1582, both ways', () => {
  assert.equal(dateText(new Date(-12_219_292_800_000)), '1582-10-15')
  assert.equal(dateText(new Date(-12_219_292_800_001)), '1582-10-04')
  for (let year = -50; year < 2200; year += 7)
    for (const [month, day] of [
      [1, 1],
      [2, 28],
      [3, 1],
      [12, 31],
    ] as const) {
      const {
        year: backYear,
        month: backMonth,
        day: backDay,
      } = calendarFields(epochMs({ year, month, day, hour: 23, minute: 59, second: 59, ms: 999 }))
      assert.deepEqual([backYear, backMonth, backDay], [year, month, day])
    }
})

test('records read in logs as they do in Java', () => {
  const base =
    "ConnectRecord{topic='t', kafkaPartition=null, key=k, keySchema=Schema{STRING}, value=v, valueSchema=null, " +
    'timestamp=null, headers=ConnectHeaders(headers=)}'
  assert.equal(
    recordText(
      sourceRecord({
        topic: 't',
        keySchema: schema.string(),
        key: 'k',
        value: 'v',
        sourcePartition: { filename: 'f' },
        sourceOffset: { position: 5 },
      }),
    ),
    `SourceRecord{sourcePartition={filename=f}, sourceOffset={position=5}} ${base}`,
  )
  const headers = [{ key: 'h', schema: schema.int32(), value: 40000 }]
  assert.equal(
    recordText({
      topic: 't',
      kafkaPartition: 3,
      kafkaOffset: 9,
      keySchema: null,
      key: null,
      valueSchema: null,
      value: 'v',
      timestamp: 0,
      timestampType: 'CreateTime',
      headers,
      originalTopic: 't',
      originalKafkaPartition: 3,
      originalKafkaOffset: 9,
    }),
    'SinkRecord{kafkaOffset=9, timestampType=CreateTime, originalTopic=t, originalKafkaPartition=3, originalKafkaOffset=9} ' +
      "ConnectRecord{topic='t', kafkaPartition=3, key=null, keySchema=null, value=v, valueSchema=null, timestamp=0, " +
      'headers=ConnectHeaders(headers=[ConnectHeader(key=h, value=40000, schema=Schema{INT32})])}',
  )
})
