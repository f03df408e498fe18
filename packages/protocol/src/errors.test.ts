import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { errorIds, errorOf } from './errors.ts'

type Row = [id: number, name: string, retriable: boolean, staleMetadata: boolean, message: string]
const golden: Row[] = JSON.parse(readFileSync(new URL('golden/errors.json', import.meta.url), 'utf8'))

test('the errors are Kafka’s own, with its messages and its word on retrying', () => {
  assert.deepEqual(
    Object.entries(errorIds).sort(([, a], [, b]) => a - b),
    golden.map(([id, name]) => [name, id]),
  )
  for (const [id, name, retriable, staleMetadata, message] of golden) {
    if (id === 0) continue
    const remedy = staleMetadata ? 'refresh' : retriable ? 'retry' : 'fatal'
    assert.deepEqual(errorOf(id), { id, name, remedy, message })
  }
})

test('a code newer than the table is a fatal error that shows its number', () => {
  assert.deepEqual(
    { ...errorOf(999), message: '' },
    { id: 999, name: 'ERROR_999', remedy: 'fatal', message: '' },
  )
})
