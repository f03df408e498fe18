import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_DEPTH } from './parse.ts'
import { hasPlainNumbers } from './plain-numbers.ts'

const plain = [
  '1',
  '{"a":1,"b":-25.5}',
  '[0.1,1.25]',
  '{"at":1700000000123}',
  '"4e5"',
  '"a.b@c.d"',
  '1234567.5',
]
const doubtful = [
  '1.0',
  '[3,-2.00]',
  '1e2',
  '{"a": 1.5E+3}',
  '9007199254740993',
  `[${'1,'.repeat(20)}1234567890123456]`,
  '12345678.5',
  '1.00000001',
]

test('a text whose numbers all look as they are is plain', () => {
  for (const text of plain) assert.equal(hasPlainNumbers(text), true, text)
})

test('a text with a number that parsing would misrepresent is not', () => {
  for (const text of doubtful) assert.equal(hasPlainNumbers(text), false, text)
})

test('long whole numbers are found wherever they are', () => {
  for (let before = 0; before < 40; before++) {
    const text = `${' '.repeat(before)}9007199254740993${' '.repeat(40 - before)}`
    assert.equal(hasPlainNumbers(text), false, text)
  }
})

test('a text that may be too deep is not plain, one with many characters is', () => {
  assert.equal(hasPlainNumbers(`${'['.repeat(MAX_DEPTH)}${']'.repeat(MAX_DEPTH)}`), true)
  assert.equal(hasPlainNumbers(`${'['.repeat(MAX_DEPTH + 1)}${']'.repeat(MAX_DEPTH + 1)}`), false)
  assert.equal(hasPlainNumbers(`[${'1,'.repeat(2 * MAX_DEPTH)}1]`), true)
})
