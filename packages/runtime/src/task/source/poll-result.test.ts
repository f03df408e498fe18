import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sourceRecord } from '@isthmus/sdk'
import { pollResult } from './poll-result.ts'

const record = sourceRecord({ topic: 't', value: 'v', sourcePartition: {}, sourceOffset: {} })

test('what a poll returns is records, or says what is wrong with it', () => {
  assert.deepEqual(pollResult([record]), [record])
  assert.deepEqual(pollResult([]), [])
  assert.equal(pollResult(null), null)
  assert.equal(pollResult(undefined), null)
  for (const [polled, said] of [
    [record, /^'poll' has returned \{ .*topic: 't'.* \}: it returns an array of records, or null/],
    ['text', /^'poll' has returned 'text': it returns an array/],
    [[null], /a record that is none: it is no object: null$/],
    [['line'], /a record that is none: it is no object: 'line'$/],
    [
      [{ topic: 't', value: 'v' }],
      /it has no sourcePartition, sourceOffset, keySchema, valueSchema, headers \(sourceRecord\(.*: \{ topic: 't', value: 'v' \}$/,
    ],
    [[{ ...record, headers: {} }], /its 'headers' are no array/],
  ] as const)
    assert.throws(() => pollResult(polled), { code: 'plugin', message: said })
})
