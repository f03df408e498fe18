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
