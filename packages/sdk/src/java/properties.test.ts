import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseProperties } from './properties.ts'

const golden = JSON.parse(readFileSync(new URL('golden/properties.json', import.meta.url), 'utf8')) as [
  document: string,
  entries: [string, string][] | null,
][]

test('every golden document reads as java.util.Properties reads it', () => {
  assert.ok(golden.length >= 400)
  for (const [hex, entries] of golden) {
    const text = Buffer.from(hex, 'hex').toString('latin1')
    if (entries === null) assert.throws(() => parseProperties(text), SyntaxError, JSON.stringify(text))
    else assert.deepEqual(Object.entries(parseProperties(text)).sort(), entries.sort(), JSON.stringify(text))
  }
})

test('a name that JavaScript objects know is a name like any other', () => {
  const properties = parseProperties('__proto__=x\nconstructor=y\ntoString=z')
  assert.deepEqual(Object.keys(properties), ['__proto__', 'constructor', 'toString'])
})
