import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemProperties } from './system-properties.ts'

for (const [given, read] of [
  ['', {}],
  ['-Xmx1g -Da.b=c -verbose', { 'a.b': 'c' }],
  ['-Da=1\n\t-Da=2', { a: '2' }],
  ['-Da -Db= -Dc=x=y,-Dz', { a: '', b: '', c: 'x=y,-Dz' }],
  [`-Da="b c" "-Dd=e f" -Dg='h "i"'`, { a: 'b c', d: 'e f', g: 'h "i"' }],
  ['-Da=b" -Dc=d', { a: 'b', c: 'd' }],
  ['x-Da=b', {}],
] as const)
  test(`KAFKA_OPTS ${JSON.stringify(given)}`, () => {
    assert.deepEqual(Object.fromEntries(systemProperties({ KAFKA_OPTS: given })), read)
  })

test('without KAFKA_OPTS there are none', () => {
  assert.equal(systemProperties({}).size, 0)
})
