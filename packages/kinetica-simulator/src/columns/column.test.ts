import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../refusal.ts'
import { defineColumn, keep } from './column.ts'
import type { Value } from './value.ts'

const column = (type: string) => {
  const [base = '', ...properties] = type.split(' ')
  return defineColumn('c', base, properties.includes('nullable'), properties)
}

const kept: readonly (readonly [type: string, given: Value, kept: Value])[] = [
  ['int', -(2 ** 31), -(2 ** 31)],
  ['int int8', -128, -128],
  ['int int16', 32_767, 32_767],
  ['int boolean', 1, 1],
  ['int nullable', null, null],
  ['long', 2n ** 63n - 1n, 2n ** 63n - 1n],
  ['long timestamp', 0n, 0n],
  ['float', 0.5, 0.5],
  ['double', Number.MAX_VALUE, Number.MAX_VALUE],
  ['string', '', ''],
  ['string char4', 'äöü€', 'äöü€'],
  ['string char2', '👍👍', '👍👍'],
  ['string date', '2020-2-29', '2020-02-29'],
  ['string time', '9:05:00', '09:05:00.000'],
  ['string time', '23:59:59.123456', '23:59:59.123'],
  ['string datetime', '2020-01-02T03:04:05.6', '2020-01-02 03:04:05.600'],
  ['string datetime', '2020-01-02', '2020-01-02 00:00:00.000'],
  ['string decimal', '-1.5', '-1.5000'],
  ['string decimal(5,2)', '999.99', '999.99'],
  ['string decimal(5,2)', '0.005', '0.01'],
  ['string decimal(5,2)', '-0.005', '-0.01'],
  ['string decimal(5,0)', '1.2e4', '12000'],
  ['string ipv4', '10.0.0.255', '10.0.0.255'],
  ['string uuid', 'F47AC10B58CC4372A5670E02B2C3D479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
  ['string ulong', '18446744073709551615', '18446744073709551615'],
  ['string json', '{"a":1}', '{"a":1}'],
  ['string text_search', 'words', 'words'],
]

for (const [type, given, expected] of kept) {
  test(`${type} keeps ${String(given)} as ${String(expected)}`, () => {
    assert.equal(keep(column(type), given, false), expected)
  })
}

const refused: readonly (readonly [type: string, given: unknown, message: RegExp])[] = [
  ['int', 2 ** 31, /^Column 'c' of type 'int' cannot take 2147483648$/],
  ['int', 1.5, /cannot take 1.5/],
  ['int', '1', /cannot take '1'/],
  ['int', null, /is not nullable/],
  ['int int8', 128, /^Column 'c': value 128: 128 is not between -128 and 127$/],
  ['int int16', -32_769, /-32769 is not between/],
  ['int boolean', 2, /2 is not between 0 and 1/],
  ['long', 1, /cannot take 1/],
  ['long', 2n ** 63n, /cannot take 9223372036854775808/],
  ['long timestamp', 29_379_542_400_000n, /is not a timestamp/],
  ['string', 5, /cannot take 5/],
  ['string char2', 'abc', /has 3 characters, and at most 2/],
  ['string char256', 'x'.repeat(257), /has 257 characters/],
  ['string date', '2021-02-29', /'2021-02-29' is not a date/],
  ['string date', '0999-12-31', /is not a date/],
  ['string time', '24:00:00', /is not a time/],
  ['string datetime', '2020-01-01 10:00', /is not a time/],
  ['string decimal(5,2)', '1000', /'1000' does not fit decimal\(5,2\)/],
  ['string decimal', 'ten', /'ten' is not a decimal/],
  ['string ipv4', '10.0.0.256', /is not an IPv4 address/],
  ['string uuid', 'f47ac10b', /is not a UUID/],
  ['string ulong', '-1', /is not an unsigned long/],
  ['string ulong', '18446744073709551616', /is not an unsigned long/],
  ['string json', '{', /is not JSON/],
  ['bytes', 'text', /cannot take 'text'/],
  ['bytes vector(2)', new Uint8Array(4), /has 4 bytes, and a vector\(2\) has 8/],
]

for (const [type, given, message] of refused) {
  test(`${type} refuses ${String(given).slice(0, 30)}`, () => {
    assert.throws(
      () => keep(column(type), given, false),
      (error) => error instanceof Refusal && message.test(error.message),
    )
  })
}

test('strings that are too long are cut where the options say so', () => {
  assert.equal(keep(column('string char2'), '👍👍👍', true), '👍👍')
})

const undefinable: readonly (readonly [type: string, message: RegExp])[] = [
  ['boolean', /unsupported type 'boolean'/],
  ['string decimal(28,2)', /Invalid property 'decimal\(28,2\)'/],
  ['string decimal(5,6)', /Invalid property 'decimal\(5,6\)'/],
  ['string char3', /unknown property 'char3'/],
  ['int char8', /type 'int' cannot have the property 'char8'/],
  ['int timestamp', /cannot have the property 'timestamp'/],
  ['bytes primary_key', /cannot have the property 'primary_key'/],
  ['string char4 char8', /exclude each other/],
  ['long timestamp init_with_now', /'init_with_now' is not supported/],
  ['string date text_search nonsense', /unknown property 'nonsense'/],
]

for (const [type, message] of undefinable) {
  test(`there is no column '${type}'`, () => assert.throws(() => column(type), { message }))
}

test('a column is nullable by its type: the property alone is refused', () => {
  assert.throws(() => defineColumn('c', 'int', false, ['nullable']), /is no union/)
  assert.deepEqual(defineColumn('c', 'int', true, []).properties, ['nullable'])
})
