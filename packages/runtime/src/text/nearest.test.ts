import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, distance, nearest } from './nearest.ts'

test('the distance of two words counts letters that are changed, left out, put in or exchanged', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['apply', 'apply', 0],
    ['aply', 'apply', 1],
    ['appyl', 'apply', 1],
    ['aaply', 'apply', 1],
    ['', 'poll', 4],
    ['kitten', 'sitting', 3],
  ]
  for (const [a, b, steps] of cases) {
    assert.equal(distance(a, b), steps, `${a} ${b}`)
    assert.equal(distance(b, a), steps, `${b} ${a}`)
  }
})

test('the nearest word is what was meant, unless it is another word altogether', () => {
  const known = ['bootstrap.servers', 'group.id', 'tasks.max', 'topics']
  assert.equal(nearest('bootstrap.server', known), 'bootstrap.servers')
  assert.equal(nearest('Task.Max', known), 'tasks.max')
  assert.equal(nearest('file', known), null)
  assert.equal(nearest('x'.repeat(1e6), ['x'.repeat(1e6)]), null)
  assert.equal(didYouMean('topisc', known), "; did you mean 'topics'?")
  assert.equal(didYouMean('file', known), '')
})
