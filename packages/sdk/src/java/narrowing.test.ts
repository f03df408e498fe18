import assert from 'node:assert/strict'
import { test } from 'node:test'
import { floatOfLong, longOfDouble, parseJavaFloat } from './narrowing.ts'

test('a long becomes the nearest float, though the nearest double lies halfway between two', () => {
  assert.equal(floatOfLong(2n ** 60n + 2n ** 36n), 2 ** 60)
  assert.equal(floatOfLong(2n ** 60n + 2n ** 36n + 1n), 2 ** 60 + 2 ** 37)
  assert.equal(floatOfLong(-(2n ** 60n + 2n ** 36n + 1n)), -(2 ** 60 + 2 ** 37))
  assert.equal(floatOfLong(16777217n), 16777216)
})

test('text becomes the nearest float, though the nearest double lies halfway between two', () => {
  assert.equal(parseJavaFloat('1.000000059604644775390625'), 1)
  assert.equal(parseJavaFloat('1.00000005960464477539063'), 1 + 2 ** -23)
  assert.equal(parseJavaFloat('-1.00000005960464477539063f'), -1 - 2 ** -23)
  assert.equal(parseJavaFloat('1.0000000596046447753906249'), 1)
  assert.equal(parseJavaFloat(' 3.4028236e38 '), Number.POSITIVE_INFINITY)
  assert.equal(parseJavaFloat('7.0e-46'), 0)
  assert.equal(parseJavaFloat('7.1e-46'), 2 ** -149)
  assert.equal(parseJavaFloat('one'), null)
})

test('a double is cut and kept within a long', () => {
  assert.equal(longOfDouble(-1.9), -1n)
  assert.equal(longOfDouble(2 ** 63), 2n ** 63n - 1n)
  assert.equal(longOfDouble(-1e300), -(2n ** 63n))
  assert.equal(longOfDouble(Number.NaN), 0n)
})
