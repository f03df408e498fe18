import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLogLevels } from './levels.ts'

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

test('whoever filters before it is told what counts, and of each change', () => {
  const levels = openLogLevels({ root: 'warn', 'a.b': 'debug' })
  const tables: unknown[] = []
  const watch = levels.watch(() => tables.push(levels.table()))
  assert.deepEqual(levels.table(), { root: 'warn', 'a.b': 'debug' })
  levels.set('a', 'FATAL')
  levels.set('root', 'ALL')
  watch[Symbol.dispose]()
  levels.set('root', 'INFO')
  assert.deepEqual(tables, [
    { root: 'warn', a: 'off', 'a.b': 'off' },
    { root: 'trace', a: 'trace', 'a.b': 'trace' },
  ])
})
