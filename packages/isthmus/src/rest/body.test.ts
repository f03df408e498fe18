import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JsonNumber, offsetValue, parseBody, textsOf } from './body.ts'

const read = (text: string) => parseBody(Buffer.from(text))
const refused = (message: RegExp) => ({ name: 'HttpError', status: 400, message })

describe('bodies within bounds', () => {
  it('refuses numbers of more than 1000 characters, wherever they are', () => {
    const digits = '1'.repeat(1001)
    for (const text of [
      digits,
      `[${digits}]`,
      `{"a": -${digits}}`,
      `{"a":0.${digits},"b":1}`,
      `[1e${digits}]`,
    ])
      assert.throws(() => read(text), refused(/holds a number of more than 1000 characters$/), text)
    const longest = read(`["${digits}", ${'1'.repeat(1000)}]`) as [string, JsonNumber]
    assert.deepEqual([longest[0].length, longest[1].text.length], [1001, 1000])
    assert.throws(() => read('9'.repeat(8_000_000)), refused(/1000 characters/))
  })

  it('refuses more values than anybody has, and configs of more properties', () => {
    assert.throws(() => read(`[${'1,'.repeat(200_000)}1]`), refused(/holds more than 200000 values$/))
    assert.throws(() => read(`[${'[],'.repeat(150_000)}1]`), refused(/holds more than 200000 values$/))
    const config = (count: number) =>
      read(JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, ',{[1']))))
    assert.equal(Object.keys(textsOf(config(10_000), 'config')).length, 10_000)
    assert.throws(() => textsOf(config(10_001), 'config'), refused(/^config has more than 10000 properties$/))
  })

  it('takes brackets, commas and quotes in texts for what they are', () => {
    const text = '[{,'.repeat(300_000) + String.raw`\" \\`
    assert.equal(read(`"${text}"`), JSON.parse(`"${text}"`))
    assert.deepEqual(read(`[${' '.repeat(5000)}""]`), [''])
    assert.throws(() => read(`${'['.repeat(501)}`), refused(/nested more than 500 levels deep$/))
  })

  it('keeps whole numbers whole and exact, and doubles doubles', () => {
    const kinds = ['-0', '9007199254740993', '-9223372036854775808', '100000000000000000000', '2.5']
    assert.deepEqual(
      kinds.map((text) => offsetValue(new JsonNumber(text))),
      [0, 9007199254740993n, -9223372036854775808n, 100000000000000000000n, 2.5],
    )
  })
})
