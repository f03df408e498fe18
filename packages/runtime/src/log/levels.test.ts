import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLineFilter } from './levels.ts'

test('a line is wanted by the level of its logger, of the nearest package above it, or of the root', () => {
  const isWanted = openLineFilter({ root: 'warn', 'a.b': 'debug', 'a.b.Silent': 'off' })
  for (const [logger, level, wanted] of [
    ['a.b.Loud', 'debug', true],
    ['a.b.Loud', 'trace', false],
    ['a.bc', 'info', false],
    ['a.bc', 'warn', true],
    ['a.b.Silent', 'error', false],
    ['', 'error', true],
  ] as const)
    assert.equal(isWanted({ logger, level }), wanted, `${logger} ${level}`)
  assert.equal(openLineFilter({})({ logger: 'x', level: 'debug' }), false)
})
