import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'
import type { Column } from './column.ts'
import { endpoints } from './endpoints.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import { rowReader } from './row.ts'

/** What another implementation makes of bytes, and which it writes. */
const long = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => Number(one - other),
})

const integers = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 0x3fffffff, 0x40000000, -0x40000000, -0x40000001]
const wide = [2 ** 31, -(2 ** 31) - 1, 2 ** 45 + 7, -(2 ** 45) - 9, 2 ** 52 + 1, 2 ** 53 - 1, -(2 ** 53) + 1]

test('integers of every width are as another implementation writes them, and are read back', () => {
  for (const value of [...integers, ...wide]) {
    const expected = long.toBuffer(BigInt(value))
    const writer = new AvroWriter(1)
    writer.int(value)
    assert.deepEqual(Buffer.from(writer.view()), expected, String(value))
    assert.equal(new AvroReader(expected).long(), BigInt(value))
    if (Math.abs(value) < 2 ** 51) assert.equal(new AvroReader(expected).int(), value)
  }
  const edges = [31n, 35n, 52n, 53n, 63n].map((bits) => 2n ** bits)
  const longs = edges.flatMap((edge) => [edge - 1n, edge, -edge, -edge - 1n])
  for (const value of longs.filter((one) => BigInt.asIntN(64, one) === one)) {
    const writer = new AvroWriter(1)
    writer.long(value)
    assert.deepEqual(Buffer.from(writer.view()), long.toBuffer(value))
    assert.equal(new AvroReader(writer.view()).long(), value)
  }
})

test('texts and bytes around every change of width are as another implementation writes them', () => {
  const string = avsc.Type.forSchema('string')
  for (const size of [0, 1, 20, 21, 31, 32, 63, 64, 2730, 2731, 8191, 8192])
    for (const letter of ['a', 'é', '語', '😀']) {
      const text = letter.repeat(size)
      const writer = new AvroWriter(1)
      writer.string(text)
      assert.deepEqual(Buffer.from(writer.view()), string.toBuffer(text), `${size} of ${letter}`)
      assert.equal(new AvroReader(writer.view()).string(), text)

      const enclosed = new AvroWriter(1)
      enclosed.raw(Buffer.from(text))
      enclosed.enclose(0)
      assert.deepEqual(enclosed.view(), writer.view())
    }
})

const columns: readonly Column[] = [
  { name: 'id', type: 'long', nullable: false, properties: [] },
  { name: 'size', type: 'int', nullable: true, properties: [] },
  { name: 'ratio', type: 'float', nullable: true, properties: [] },
  { name: 'weight', type: 'double', nullable: false, properties: [] },
  { name: '__proto__', type: 'string', nullable: true, properties: [] },
  { name: 'photo', type: 'bytes', nullable: false, properties: [] },
]
const rowType = avsc.Type.forSchema(
  {
    type: 'record',
    name: 'row',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'size', type: ['int', 'null'] },
      { name: 'ratio', type: ['float', 'null'] },
      { name: 'weight', type: 'double' },
      { name: 'text', type: ['string', 'null'] },
      { name: 'photo', type: 'bytes' },
    ],
  } as never,
  { typeHook: (schema) => (schema === 'long' ? long : undefined) as never },
)
const row = { id: 9007199254740993n, size: -7, ratio: null, weight: 0.1, text: 'ü', photo: Buffer.of(0, 255) }

test('rows that another implementation has written are read without losing a digit', () => {
  const read = rowReader(columns)(rowType.toBuffer(row))
  assert.deepEqual(Object.entries(read), [
    ['id', 9007199254740993n],
    ['size', -7],
    ['ratio', null],
    ['weight', 0.1],
    ['__proto__', 'ü'],
    ['photo', Buffer.of(0, 255)],
  ])
})

test('bytes that are no row are refused wherever they end or lie, without taking memory for what they claim', () => {
  const read = rowReader(columns)
  const bytes = rowType.toBuffer(row)
  for (let end = 0; end < bytes.length; end++)
    assert.throws(() => read(bytes.subarray(0, end)), RangeError, `the first ${end} bytes`)
  assert.throws(() => read(Buffer.concat([bytes, Buffer.of(0)])), RangeError)
  const int = rowReader([{ name: 'size', type: 'int', nullable: false, properties: [] }])
  assert.throws(
    () => int(encodeMessage({ size: 'long' }, { size: 2 ** 31 })),
    /2147483648 is no int .* column size/,
  )
  const hugeArray = encodeMessage({ count: 'long' }, { count: 2 ** 40 })
  assert.throws(() => decodeMessage({ list: { array: 'string' } }, hugeArray), RangeError)
  assert.throws(() => decodeMessage({ text: 'string' }, hugeArray), RangeError)
  assert.throws(() => decodeMessage({ text: 'string' }, Buffer.alloc(12, 0xff)), RangeError)
})

test('a request of rows is what another implementation reads', () => {
  const rows = new AvroWriter()
  for (const weight of [1, 2]) {
    const start = rows.length
    rows.raw(rowType.toBuffer({ ...row, weight }))
    rows.enclose(start)
  }
  const request = avsc.Type.forSchema({
    type: 'record',
    name: 'request',
    fields: [
      { name: 'table_name', type: 'string' },
      { name: 'list', type: { type: 'array', items: 'bytes' } },
      { name: 'list_str', type: { type: 'array', items: 'string' } },
      { name: 'list_encoding', type: 'string' },
      { name: 'options', type: { type: 'map', values: 'string' } },
    ],
  })
  const decoded = request.fromBuffer(
    Buffer.from(
      encodeMessage(endpoints['/insert/records'].request, {
        table_name: 't',
        list: { count: 2, bytes: rows.view() },
        list_str: [],
        list_encoding: 'binary',
        options: { update_on_existing_pk: 'true' },
      }),
    ),
  )
  assert.deepEqual(
    decoded.list.map((bytes: Buffer) => rowType.fromBuffer(bytes).weight),
    [1, 2],
  )
  assert.deepEqual({ ...decoded.options }, { update_on_existing_pk: 'true' })
})

test('an answer with every shape that another implementation has written is read', () => {
  const fields = endpoints['/get/records'].response
  const answer = {
    table_name: 't',
    type_name: 'n',
    type_schema: '{}',
    records_binary: [Buffer.of(1), Buffer.of()],
    records_json: [],
    total_number_of_records: 2,
    has_more_records: true,
    info: { a: 'b' },
  }
  const type = avsc.Type.forSchema({
    type: 'record',
    name: 'answer',
    fields: [
      { name: 'table_name', type: 'string' },
      { name: 'type_name', type: 'string' },
      { name: 'type_schema', type: 'string' },
      { name: 'records_binary', type: { type: 'array', items: 'bytes' } },
      { name: 'records_json', type: { type: 'array', items: 'string' } },
      { name: 'total_number_of_records', type: 'long' },
      { name: 'has_more_records', type: 'boolean' },
      { name: 'info', type: { type: 'map', values: 'string' } },
    ],
  })
  assert.deepEqual(decodeMessage(fields, type.toBuffer(answer)), answer)
})
