import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from './limits.ts'

test('tables of a task share what may be on its way, and each has some', () => {
  const few = limitsOf(4)
  assert.deepEqual(limitsOf(1), few)
  for (const tables of [5, 100, 1000, 1_000_000]) {
    const limits = limitsOf(tables)
    for (const name of ['pageBytes', 'pageRows', 'monitorBytes'] as const) {
      assert.ok(limits[name] >= 1)
      assert.ok(limits[name] === 1 || limits[name] * tables <= few[name] * 4, `${name} of ${tables} tables`)
    }
  }
})
