import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGolden, goldenCases } from '../testing/golden.ts'
import {
  bigintOfBytes,
  bytesOfBigint,
  decimalPlainText,
  decimalText,
  decimalToLong,
  decimalToNumber,
  parseDecimal,
} from './decimal-text.ts'
import { doubleText, floatText, parseJavaDouble, parseJavaInteger } from './number-text.ts'

const FILE = new URL('../golden/numbers.json', import.meta.url)

/** Java before 19 sometimes prints more digits than needed; the shortest that means the same number is as good. */
function sameNumber(java: string, ours: string): boolean {
  return java === ours || (Number(java) === Number(ours) && ours.length <= java.length && ours.includes('.'))
}

test('a double is read and written as Java does', () => {
  for (const item of goldenCases<string, string>(FILE, 'double')) {
    const number = parseJavaDouble(item.in)
    assert.equal(number === null, item.error !== undefined, item.in)
    if (number === null) continue
    assert.ok(sameNumber(item.out!, doubleText(number)), `${item.in}: ${item.out} but ${doubleText(number)}`)
  }
})

test('a float is written with the shortest digits that give it back', () => {
  for (const item of goldenCases<string, string>(FILE, 'float')) {
    const number = parseJavaDouble(item.in)
    if (number === null || item.error !== undefined) continue
    const ours = floatText(Math.fround(number))
    const same = Object.is(Math.fround(Number(ours)), Math.fround(Number(item.out)))
    assert.ok(
      item.out === ours || (same && ours.length <= item.out!.length),
      `${item.in}: ${item.out} but ${ours}`,
    )
  }
})

test('an integer is sign and digits of any script', () => {
  for (const item of goldenCases<string, string>(FILE, 'long')) {
    const number = parseJavaInteger(item.in)
    const long = number !== null && BigInt.asIntN(64, number) === number ? String(number) : undefined
    assert.equal(long, item.out, item.in)
  }
})

test('a decimal keeps its scale through text and bytes', () => {
  for (const item of goldenCases<string, { [name: string]: string }>(FILE, 'decimal')) {
    assertGolden(item, () => {
      const value = parseDecimal(item.in)
      if (value === null) throw new Error('no decimal')
      const short = Math.abs(value.scale) < 400
      const bytes = Buffer.from(bytesOfBigint(value.unscaled))
      assert.equal(bigintOfBytes(bytes), value.unscaled)
      return {
        text: decimalText(value),
        ...(short && { plain: decimalPlainText(value), long: String(decimalToLong(value)) }),
        double: doubleText(decimalToNumber(value)),
        bytes: bytes.toString('hex'),
      }
    })
  }
})
