import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetched, pythonIsAbsent } from '../../clients/availability.ts'
import { fuzz, schemathesis } from './fuzz.ts'

test('hundreds of random requests after the OpenAPI document: no 5xx, no answer but those documented, and connectors go on', {
  skip: pythonIsAbsent(),
}, async (t) => {
  if ((await fetched(t, 'schemathesis', schemathesis)) === null) return
  const requests = await fuzz({ examples: 8, seed: 1, longestMs: 100_000 })
  t.diagnostic(`${requests} requests`)
  assert.ok(requests > 500, String(requests))
})
