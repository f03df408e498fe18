import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf } from '../../errors.ts'
import { goldenCases } from '../../testing/golden.ts'
import { javaDateFormat } from './java-date-format.ts'

const FILE = new URL('./golden/dates.json', import.meta.url)
const NOW = Date.parse('2026-11-21T00:00:00Z')

interface Given {
  readonly pattern: string
  readonly times: readonly number[]
  readonly texts: readonly string[]
}

test('times are written as Java writes them', () => {
  for (const { in: given, out, error } of goldenCases<Given, readonly string[]>(FILE, 'format')) {
    if (error !== undefined) {
      assert.throws(
        () => javaDateFormat(given.pattern),
        (thrown) => codeOf(thrown) === 'config' && (thrown as Error).message === error,
      )
      continue
    }
    const { format } = javaDateFormat(given.pattern)
    assert.deepEqual(given.times.map(format), out, given.pattern)
    assert.deepEqual(given.times.toReversed().map(format), out?.toReversed(), given.pattern)
  }
})

test('texts are read as Java reads them, but for dates that JavaScript does not have', () => {
  for (const { in: given, out } of goldenCases<Given, readonly (number | null)[]>(FILE, 'parse')) {
    const { parse } = javaDateFormat(given.pattern, NOW)
    for (const [index, text] of given.texts.entries()) {
      const expected = out?.[index] ?? null
      const beyond = expected !== null && Math.abs(expected) > 8.64e15
      assert.equal(parse(text), beyond ? Number.NaN : expected, `${given.pattern} of ${text}`)
    }
  }
})
