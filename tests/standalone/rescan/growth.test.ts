import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grown, playRescans } from './growth.ts'

// `node tests/standalone/rescan/long.ts` plays 200
test('a plugin that changes again and again leaves nothing behind in the worker', async () => {
  const { before, after } = await playRescans(16)
  assert.deepEqual(grown(before.counts, after.counts), [])
  assert.ok(after.heapMb < before.heapMb + 8, `the heap grew from ${before.heapMb} to ${after.heapMb} MiB`)
})
