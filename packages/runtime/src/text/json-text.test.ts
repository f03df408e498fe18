import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonString, jsonText } from './json-text.ts'

test('text is escaped as Jackson does: halves of characters, control characters, what only looks like an escape', () => {
  for (const [text, json] of [
    ['a\ud800', '"a\\uD800"'],
    ['\udc0fb', '"\\uDC0Fb"'],
    ['\u{1f600}', '"\\uD83D\\uDE00"'],
    ['\u001f', '"\\u001F"'],
    ['\\ud800', '"\\\\ud800"'],
  ] as const)
    assert.equal(jsonString(text), json)
  assert.equal(jsonText({ 'k\udfff': 1 }), '{"k\\uDFFF":1}')
})

test('texts are written as Jackson writes them', () => {
  assert.equal(jsonText('\u0001\u001f\n"'), '"\\u0001\\u001F\\n\\""')
  assert.equal(jsonText('\\u001f \\\u001f'), '"\\\\u001f \\\\\\u001F"')
  assert.equal(jsonText('\u{1F600}'), '"\\uD83D\\uDE00"')
})

test('a text of backslashes takes no longer than any other', () => {
  const text = `${'\\'.repeat(500_000)}\u001f`
  assert.equal(jsonText(text), `"${'\\'.repeat(1_000_000)}\\u001F"`)
})
