import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pause } from './waiting.ts'

test('a time that is over is not waited for, and nothing is said of it', async (t) => {
  const warnings: Error[] = []
  const heard = (warning: Error): void => void warnings.push(warning)
  process.on('warning', heard)
  t.after(() => process.off('warning', heard))
  await pause(-0.01, new AbortController().signal)
  await pause(0, new AbortController().signal)
  assert.deepEqual(warnings, [])
})
