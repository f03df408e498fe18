import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, type Header, type SinkRecord, schema, type Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { sinkRecord } from '@isthmus/testkit'
import { OBJECT_BYTES, openObjectMemory } from './memory.ts'
import { ObjectWriter } from './write.ts'

const memory = openObjectMemory()

const hex = (writer: ObjectWriter): string => Buffer.from(writer.bytes()).toString('hex')
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex')
const text = (key: string, value: string | null): Header => ({
  key,
  schema: value === null ? null : schema.string(),
  value,
})
const at = (kafkaOffset: number, fields: Partial<SinkRecord> = {}): SinkRecord =>
  sinkRecord({ topic: 't', kafkaOffset, ...fields })

const written = (...records: readonly SinkRecord[]): string => {
  const writer = new ObjectWriter(memory)
  for (const record of records) assert.ok(writer.append(record))
  return hex(writer)
}
/** What an object with this one header, and neither key nor value, has behind the number of headers. */
const headerOf = (header: Header): string => written(at(0, { headers: [header] })).slice(2 * (4 + 28))

const GOLDEN =
  '00000000' +
  '00000000000000050000000000000011000000030000000400000002' +
  '01020304050607' +
  '00000001680000000176' +
  '000000016effffffff' +
  '00000000000000060000000000000012ffffffffffffffff00000000'
const golden: readonly SinkRecord[] = [
  at(5, {
    timestamp: 17,
    key: bytes('010203'),
    value: bytes('04050607'),
    valueSchema: schema.bytes({ optional: true }),
    headers: [text('h', 'v'), text('n', null)],
  }),
  at(6, { timestamp: 18 }),
]

test('an object has the bytes that the connector of the JVM writes', () => {
  assert.equal(GOLDEN.length, 2 * 86)
  assert.equal(written(...golden), GOLDEN)
})

test('an object without records is its version', () => {
  const writer = new ObjectWriter(memory)
  assert.equal(hex(writer), '00000000')
  assert.deepEqual([writer.start, writer.end, writer.records], [-1, -1, 0])
})

test('a record without a timestamp has -1 there, and offsets have 64 bits', () => {
  assert.equal(
    written(at(2 ** 40 + 2 ** 31 + 7, { timestamp: null })),
    '00000000' + '0000010080000007' + 'ffffffffffffffff' + 'ffffffffffffffff' + '00000000',
  )
  assert.match(written(at(Number.MAX_SAFE_INTEGER)), /^00000000001fffffffffffff/)
})

test('empty keys and values are not null', () => {
  const record = at(0, { key: bytes(''), value: bytes('') })
  assert.equal(written(record).slice(2 * 20), '00000000' + '00000000' + '00000000')
})

test('header values are texts as SimpleHeaderConverter writes them; bytes stay bytes', () => {
  const name = '0000000161'
  const value = (value: Header['value'], given: Header['schema'] = null) =>
    headerOf({ key: 'a', schema: given, value })
  const asText = (expected: string) => {
    const size = Buffer.byteLength(expected).toString(16).padStart(8, '0')
    return `${name}${size}${Buffer.from(expected).toString('hex')}`
  }
  assert.equal(value('Zürich 😀'), asText('Zürich 😀'))
  assert.equal(value(''), asText(''))
  assert.equal(value(true), asText('true'))
  assert.equal(value(7, schema.int8()), asText('7'))
  assert.equal(value(typedNumber('float64', 1)), asText('1.0'))
  assert.equal(value(2n ** 60n, schema.int64()), asText(String(2n ** 60n)))
  assert.equal(value(['x', 1]), asText('["x",1]'))
  assert.equal(value(new Map([['a', 1]])), asText('{"a":1}'))
  assert.equal(value(new Date(Date.UTC(2024, 0, 2)), schema.date()), asText('2024-01-02'))
  assert.equal(value(null, schema.string({ optional: true })), `${name}ffffffff`)
  assert.equal(value(bytes('00ff80'), schema.bytes()), `${name}0000000300ff80`)
  assert.equal(headerOf({ key: 'é', schema: null, value: null }), '00000002c3a9ffffffff')
})

const nested = (depth: number): Value => {
  let value: Value = []
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

test('what is no bytes is bad data, and says which record it was and what to set', () => {
  const bad: readonly (readonly [Partial<SinkRecord>, RegExp])[] = [
    [{ key: 'text', keySchema: schema.string() }, /^The key of .*t-0 at offset 9 is of type STRING/],
    [{ value: null, valueSchema: schema.string({ optional: true }) }, /is of type STRING.*value\.converter/],
    [{ value: 'text' }, /^The value of .*t-0 at offset 9 is an instance of java\.lang\.String/],
    [{ value: 'text', valueSchema: schema.bytes() }, /is an instance of java\.lang\.String/],
    [{ key: 5, keySchema: schema.int32() }, /of type INT32.*key\.converter=org\.apache\.kafka\.\S+ByteArrayConverter/],
    [
      { headers: [{ key: 'h', schema: null, value: nested(100_000) }] },
      /^Header 'h' of the record of t-0 at offset 9 cannot be written: /,
    ],
  ] // biome-ignore format: a table
  for (const [fields, message] of bad) {
    const writer = new ObjectWriter(memory)
    assert.ok(writer.append(at(8, { value: bytes('01') })))
    const before = hex(writer)
    assert.throws(
      () => writer.append(at(9, fields)),
      (error: Error) => codeOf(error) === 'data' && message.test(error.message),
      String(message),
    )
    assert.equal(hex(writer), before)
    assert.equal(writer.end, 8)
  }
})

test('an object is filled to the last byte, and not beyond', () => {
  const writer = new ObjectWriter(memory)
  const first = new Uint8Array(1000)
  assert.ok(writer.append(at(0, { value: first })))
  const rest = OBJECT_BYTES - writer.bytes().length - 28
  assert.equal(writer.append(at(1, { value: new Uint8Array(rest + 1) })), false)
  assert.equal(writer.append(at(1, { value: new Uint8Array(rest - 8), headers: [text('a', null)] })), false)
  assert.deepEqual([writer.start, writer.end, writer.records], [0, 0, 1])
  assert.ok(writer.append(at(1, { value: new Uint8Array(rest - 9), headers: [text('a', null)] })))
  assert.equal(writer.bytes().length, OBJECT_BYTES)
  assert.equal(writer.capacity, OBJECT_BYTES)
})

test('a record that is larger than an object has one of its own', () => {
  const writer = new ObjectWriter(memory)
  assert.ok(writer.append(at(3, { value: new Uint8Array(OBJECT_BYTES) })))
  assert.equal(writer.bytes().length, OBJECT_BYTES + 4 + 28)
  assert.equal(writer.append(at(4)), false)
})

test('a few records take a few kilobytes of memory', () => {
  const writer = new ObjectWriter(memory)
  assert.ok(writer.append(at(0)))
  assert.ok(writer.capacity <= 8 * 1024)
  assert.equal(new ObjectWriter(memory, OBJECT_BYTES * 2).capacity, OBJECT_BYTES)
})

test('records are taken out again from any offset on', () => {
  const headers = [text('h', 'value'), text('n', null), { key: '', schema: null, value: bytes('00') }]
  const records = [3, 4, 8, 2 ** 33, 2 ** 33 + 5].map((offset, index) =>
    at(offset, { value: index % 2 === 0 ? null : bytes('aabb'), headers: headers.slice(index % 4) }),
  )
  for (const from of [0, 3, 4, 5, 8, 9, 2 ** 33, 2 ** 33 + 1, 2 ** 33 + 6]) {
    const writer = new ObjectWriter(memory)
    for (const record of records) writer.append(record)
    writer.truncate(from)
    const left = records.filter(({ kafkaOffset }) => kafkaOffset < from)
    assert.equal(hex(writer), written(...left))
    assert.equal(writer.start, left[0]?.kafkaOffset ?? -1)
    assert.equal(writer.end, left.at(-1)?.kafkaOffset ?? -1)
    assert.equal(writer.records, left.length)
    assert.ok(writer.append(at(from)))
    assert.equal(hex(writer), written(...left, at(from)))
  }
})
