import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataError, schema } from '@isthmus/sdk'
import { schemaMemo } from './schema-memo.ts'

test('the same schema, and an equal one, is worked out once', () => {
  let derived = 0
  const of = schemaMemo((given) => ({ given, number: ++derived }))
  const a = schema.string()
  assert.equal(of(a), of(a))
  assert.equal(of(schema.string()), of(a))
  assert.equal(of(schema.string({ doc: 'other' })).number, 2)
  assert.equal(of(a).number, 1)
})

test('equal schemas are remembered for the last sixteen, the same object for as long as it lives', () => {
  const of = schemaMemo((given) => ({ given }))
  const first = schema.string()
  const answer = of(first)
  for (let version = 0; version < 16; version++) of(schema.string({ version }))
  assert.notEqual(of(schema.string()), answer)
  assert.equal(of(first), answer)
})

test('what fails is tried again', () => {
  let calls = 0
  const of = schemaMemo(() => {
    if (++calls === 1) throw dataError('no')
    return calls
  })
  const given = schema.string()
  assert.throws(() => of(given), /no/)
  assert.equal(of(given), 2)
})
