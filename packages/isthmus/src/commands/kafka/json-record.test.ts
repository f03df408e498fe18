import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOfJson, jsonOfBytes, parseExactly, parseJsonRecord } from './json-record.ts'

test('bytes become text where they are some, and come back as they were', () => {
  for (const bytes of [Buffer.from('é'), Buffer.from([0xff, 0xfe]), Buffer.from([0, 5]), Buffer.alloc(0)]) {
    const back = bytesOfJson('value', JSON.parse(JSON.stringify(jsonOfBytes(bytes))))
    assert.deepEqual(Buffer.from(back as Uint8Array), bytes)
  }
  assert.equal(jsonOfBytes(Buffer.from('é')), 'é')
  assert.deepEqual(jsonOfBytes(Buffer.from([0, 5])), { hex: '0005' })
  assert.equal(bytesOfJson('value', null), null)
  for (const other of [5, { a: 1 }, { hex: 'abc' }, true, ['x']])
    assert.throws(() => bytesOfJson('value', other), /--value-converter JsonConverter/)
})

test('numbers keep the digits that they are written with', () => {
  for (const text of ['12345678901234567890', '1.0', '1e400', '0.1', '[-0,{"a":1.50}]', '"1.0"'])
    assert.equal(JSON.stringify(parseExactly(text)), text)
})

test('what is wrong with a line is said', () => {
  assert.deepEqual(parseJsonRecord('{"value":null,"offset":7}'), {
    partition: null,
    timestamp: null,
    key: { payload: null, schema: null },
    value: { payload: null, schema: null },
    headers: [],
  })
  const wrong: readonly (readonly [line: string, said: RegExp])[] = [
    ['{', /it is no JSON/],
    ['[]', /it is no JSON object/],
    ['{}', /it has no 'value'/],
    ['{"value":1,"partition":-1}', /its partition is no number from 0/],
    ['{"value":1,"timestamp":1.5}', /its timestamp is no number from 0/],
    ['{"value":1,"hedaers":[]}', /a field 'hedaers'; did you mean 'headers'\?/],
    ['{"value":1,"headers":{}}', /its headers are no array/],
    ['{"value":1,"headers":[{"value":"x"}]}', /a header of it has no key/],
    ['{"value":1,"headers":[{"key":"h","value":1}]}', /value of header h is neither text/],
  ]
  for (const [line, said] of wrong) assert.throws(() => parseJsonRecord(line), said)
})
