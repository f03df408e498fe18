import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { murmur2 } from './murmur2.ts'

test('keys of every length hash as in Java', () => {
  const golden: [string, number][] = JSON.parse(
    readFileSync(new URL('../golden/murmur2.json', import.meta.url), 'utf8'),
  )
  assert.ok(golden.length > 40)
  for (const [key, hash] of golden) assert.equal(murmur2(Buffer.from(key, 'base64')), hash, key)
})
