import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usualPause } from './retry.ts'

test('pauses double up to five seconds, and chance halves them at most', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((attempt) => usualPause(attempt, 1)),
    [400, 800, 1600, 3200, 5000, 5000],
  )
  assert.deepEqual(
    [1, 5].map((attempt) => usualPause(attempt, 0)),
    [200, 2500],
  )
})
