import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain, isExpected, told } from './explain.ts'

test('causes follow their effect, each said once', () => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:9092')
  const lost = new Error('no broker answers', { cause: refused })
  assert.equal(
    explain(new Error('cannot start', { cause: lost })),
    'cannot start: no broker answers: connect ECONNREFUSED 127.0.0.1:9092',
  )
  assert.equal(
    explain(new Error(`failed: ${refused.message}`, { cause: refused })),
    `failed: ${refused.message}`,
  )
  assert.equal(explain(new AggregateError([refused, new Error('b')], '')), `${refused.message}, b`)
  assert.equal(explain('just text'), 'just text')
})

test('a circle of causes ends', () => {
  const one = new Error('one')
  one.cause = one
  assert.equal(explain(one), 'one')
})

test('errors with a code are expected', () => {
  assert.equal(isExpected(Object.assign(new Error('no such file'), { code: 'ENOENT' })), true)
  assert.equal(isExpected(new TypeError('x is not a function')), false)
})

test('what surprises is told with its trace', () => {
  assert.equal(told(Object.assign(new Error('no such file'), { code: 'ENOENT' })), 'no such file')
  assert.match(told(new TypeError('x is not a function')), /^TypeError: x is not a function\n +at /)
  assert.equal(told('just text'), 'just text')
})
