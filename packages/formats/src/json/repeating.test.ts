import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Value } from '@isthmus/sdk'
import { parseSchemaless, schemalessReader } from './decode.ts'
import { RepeatingReader } from './repeating.ts'

const opened = () => new RepeatingReader({ typed: true, readNumber: (text) => `long ${text}` })
const read = (reader: RepeatingReader, text: string): Value | undefined => {
  const bytes = Buffer.from(text)
  return reader.read(bytes, 0, bytes.length)
}

/** What the parser for any document makes of it: the same, or the same refusal. */
const outcome = (make: () => Value) => {
  try {
    return { value: positiveZeros(make()) }
  } catch (error) {
    return { error: String((error as Error).cause ?? error) }
  }
}
/** A whole number has one zero; `JSON.parse` has two. */
const positiveZeros = (value: Value): unknown => {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(positiveZeros)
  if (typeof value !== 'object' || value === null || Object.getOwnPropertySymbols(value).length > 0)
    return value
  return Object.entries(value).map(([name, item]) => [name, positiveZeros(item)])
}

test('documents that are alike, and those that are not, are read as by the parser for any document', () => {
  const values = [
    '0', '-0', '7', '-12', '1.0', '-0.0', '0.1', '1.10', '123456789012345', '1234567890123456', '9007199254740993', '1e2',
    '1E-7', '12345678.12345678', '99999999999999.5', '""', '"a"', '"Zürich"', '"日本"', '"\\u00e9\\n"', '"\\ud83d"',
    '"4e5 1.0"', 'true', 'false', 'null', '[]', '[1, "a",[ ]]', '{}', '{"a":{"b":[{"c":1},{"c":2.0},{"d":3}]}}', ' 1 ',
    '"\u2028"', '"\\"', '"\\x"', '"\n"', '01', '1.', '-', '.5', '1e', 'nul', 'tru', '9223372036854775808', '',
    '{"a":1,"a":2}', '{"a":9223372036854775808,"a":1}', '{"1":1,"0":2}', '{"__proto__":1}', '{"\\ud83d":1}', '{"constructor":1,"toString":2}', '{"a" :\t1 }', '{a:1}',
  ] // biome-ignore format: a table
  for (const first of values) {
    const alike = schemalessReader()
    for (const second of values)
      for (const text of [
        `{"first":${first},"second":${second}}`,
        `{"second":${second}, "first": ${first}}`,
        first,
        `{"first":${first}`,
        `{"first":${first}}${second}`,
      ]) {
        const bytes = Buffer.from(text)
        assert.deepEqual(
          outcome(() => alike(bytes)),
          outcome(() => parseSchemaless(bytes)),
          text,
        )
        assert.deepEqual(
          outcome(() => schemalessReader()(bytes)),
          outcome(() => parseSchemaless(bytes)),
          text,
        )
      }
  }
})

test('every cut and every changed byte of a document is read as by the parser for any document', () => {
  const text = '{"id":12,"name":"Zürich \\u00e9","tags":["a",{"b":null}],"amount":-1.25,"in":{"x":true}}'
  for (let at = 0; at < Buffer.byteLength(text); at++) {
    const alike = schemalessReader()
    alike(Buffer.from(text))
    const cut = Buffer.from(text).subarray(0, at)
    assert.deepEqual(
      outcome(() => alike(cut)),
      outcome(() => parseSchemaless(cut)),
    )
    for (const byte of [0, 0x09, 0x22, 0x2c, 0x30, 0x5c, 0x5d, 0x7b, 0x7d, 0x80, 0xc3, 0xff]) {
      const changed = Buffer.from(text)
      changed[at] = byte
      assert.deepEqual(
        outcome(() => alike(changed)),
        outcome(() => parseSchemaless(changed)),
        `${byte} at ${at}`,
      )
    }
  }
})

test('it reads a stretch in the middle of other bytes', () => {
  const bytes = Buffer.from('{"a":{"a":1,"b":"é"}}')
  assert.deepEqual(opened().read(bytes, 5, bytes.length - 1), { a: 1, b: 'é' })
  assert.equal(opened().read(bytes, 5, bytes.length), undefined)
})

test('numbers that a double may not hold are given as text', () => {
  assert.deepEqual(read(opened(), '{"a":12345678901234567890,"b":1e2}'), {
    a: 'long 12345678901234567890',
    b: 'long 1e2',
  })
})

test('what is rare, or worth no learning, is left to others', () => {
  const left = ['[1]', '1', ' {}', '{"a":1,"a":2}', `{"a":"${'x'.repeat(20_000)}"}`, '{"a":'.repeat(70)]
  for (const text of left) assert.equal(read(opened(), text), undefined, text)
})

test('keys that are data do not fill the memory: after some thousand it gives up', () => {
  const reader = opened()
  let taken = 0
  for (let at = 0; at < 10_000; at++) if (read(reader, `{"${at}x":1}`) !== undefined) taken++
  assert.ok(taken > 100 && taken < 2000, `${taken} taken`)
  assert.equal(read(reader, '{"a":1}'), undefined)
})

test('a document now and then that is left to others does not end it', () => {
  const reader = opened()
  for (let at = 0; at < 2000; at++) {
    if (at % 50 === 0) assert.equal(read(reader, '{"a":1,"a":2}'), undefined)
    assert.deepEqual(read(reader, '{"a":1}'), { a: 1 })
  }
})
