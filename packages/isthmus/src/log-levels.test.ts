import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLogLevels } from './log-levels.ts'

test('a level is set for a logger and all below it, and names those that changed', () => {
  const levels = openLogLevels({ root: 'info' }, () => 7)
  assert.equal(levels.writes('a.b', 'debug'), false)
  assert.deepEqual(levels.set('a', 'debug'), ['a', 'a.b'])
  assert.equal(levels.writes('a.b', 'debug'), true)
  assert.equal(levels.writes('a.bc', 'debug'), true)
  assert.equal(levels.writes('ab', 'debug'), false)
  assert.deepEqual(levels.set('a.b', 'WARN'), ['a.b'])
  assert.deepEqual(levels.set('a.b', 'warn'), [])
  assert.deepEqual(levels.level('a.b'), { level: 'WARN', last_modified: 7 })
  assert.deepEqual(levels.level('root'), { level: 'INFO', last_modified: null })
  assert.equal(levels.level('nobody'), null)
})

test('OFF silences a logger and hides it; the root goes by two names', () => {
  const levels = openLogLevels({})
  levels.set('noise', 'OFF')
  assert.equal(levels.writes('noise', 'error'), false)
  assert.equal('noise' in levels.all(), false)
  assert.deepEqual(levels.set('ROOT', 'error'), ['noise', 'root'])
  assert.equal(levels.level('')?.level, 'ERROR')
  assert.equal(levels.set('root', 'loud'), null)
})
