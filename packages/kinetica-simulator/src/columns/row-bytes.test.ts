import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import { parseType } from './record-type.ts'
import { readRow, writeRow } from './row-bytes.ts'

const definition = JSON.stringify({
  type: 'record',
  name: 'type_name',
  fields: [
    { name: 'i', type: 'int' },
    { name: 'l', type: 'long' },
    { name: 'f', type: 'float' },
    { name: 'd', type: 'double' },
    { name: 's', type: ['string', 'null'] },
    { name: 'b', type: ['bytes', 'null'] },
  ],
})
const { columns } = parseType(definition, '', {})
const peer = avsc.Type.forSchema(JSON.parse(definition))

const rows = [
  { i: -1, l: 0, f: 0.5, d: 1e300, s: 'text €', b: Buffer.from([0, 255]) },
  { i: 2 ** 31 - 1, l: Number.MAX_SAFE_INTEGER - 1, f: -0, d: Number.NaN, s: null, b: null },
  { i: -(2 ** 31), l: -(2 ** 48), f: 1, d: -1, s: '', b: Buffer.alloc(0) },
]

for (const row of rows) {
  test(`what another implementation of Avro writes is read, and written the same: ${JSON.stringify(row)}`, () => {
    const bytes = peer.toBuffer(row)
    const read = readRow(columns, bytes)
    assert.deepEqual(read.slice(0, 5), [row.i, BigInt(row.l), row.f, row.d, row.s])
    assert.deepEqual(read[5], row.b === null ? null : Uint8Array.from(row.b))
    assert.deepEqual(writeRow(columns, read), bytes)
  })
}

for (const long of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 48n, 2n ** 49n, -(2n ** 49n), 2n ** 53n + 1n]) {
  test(`the long ${long} comes back as it went`, () => {
    const one = parseType(
      '{"type":"record","name":"t","fields":[{"name":"l","type":"long"}]}',
      '',
      {},
    ).columns
    assert.deepEqual(readRow(one, writeRow(one, [long])), [long])
  })
}

test('a row that is longer than those before it is written whole', () => {
  const long = { i: 1, l: 2, f: 0, d: 0, s: '€'.repeat(50_000), b: Buffer.alloc(300_000, 7) }
  assert.deepEqual(writeRow(columns, readRow(columns, peer.toBuffer(long))), peer.toBuffer(long))
})

test('bytes that are not exactly a row are refused, with the column at fault', () => {
  const bytes = peer.toBuffer(rows[0])
  assert.throws(() => readRow(columns, bytes.subarray(0, 4)), /Column 'f': record ends within the value/)
  assert.throws(
    () => readRow(columns, Buffer.concat([bytes, Buffer.alloc(1)])),
    /has 29 bytes, of which its type takes 28/,
  )
  const union = Buffer.from(bytes)
  union[14] = 4
  assert.throws(() => readRow(columns, union), /Column 's': branch 2 of a union of two/)
  assert.throws(() => readRow(columns, Buffer.from('ffffffff7f', 'hex')), /Column 'i': .* is no int/)
  assert.throws(
    () => readRow(columns, Buffer.from(`00${'ff'.repeat(10)}`, 'hex')),
    /Column 'l': long of more than/,
  )
})

test('a string that is no UTF-8 is refused, and the replacement character is not', () => {
  const text = parseType(
    '{"type":"record","name":"t","fields":[{"name":"s","type":"string"}]}',
    '',
    {},
  ).columns
  assert.throws(() => readRow(text, Buffer.from('02ff', 'hex')), /Column 's': string is not UTF-8/)
  assert.deepEqual(readRow(text, Buffer.from('06efbfbd', 'hex')), ['\ufffd'])
})
