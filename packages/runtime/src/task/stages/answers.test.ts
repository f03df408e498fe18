import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataError, schema, sourceRecord } from '@isthmus/sdk'
import { data, explained, isData, isSerialized, serialized } from './answers.ts'

test('what converters answer is what it must be, or is told with their class', () => {
  for (const sound of ['text', null, Buffer.from('x'), new Uint8Array()]) {
    assert.ok(isSerialized(sound))
    assert.equal(serialized(sound, 'C', 'fromConnectData'), sound)
  }
  for (const wrong of [undefined, 5, {}, [1], Promise.resolve('x'), new ArrayBuffer(1)])
    assert.equal(isSerialized(wrong), false)
  assert.throws(() => serialized({ a: 1 }, 'my.C', 'fromConnectData'), {
    code: 'plugin',
    message:
      "'fromConnectData' of my.C has returned { a: 1 }: it returns bytes (a Uint8Array), text or null for a record without it",
  })
  assert.throws(() => serialized(Promise.resolve('x'), 'my.C', 'fromConnectHeader'), {
    message:
      /'fromConnectHeader' of my\.C has returned a promise: it returns .*, at once: headers are not waited for$/,
  })
  for (const sound of [
    { schema: null, value: null },
    { schema: schema.string(), value: 'x' },
  ])
    assert.ok(isData(sound))
  for (const wrong of [undefined, null, 'x', {}, Promise.resolve({ schema: null, value: 1 })])
    assert.equal(isData(wrong), false)
  assert.throws(() => data('x', 'my.C', 'toConnectData'), {
    message:
      "'toConnectData' of my.C has returned 'x': it returns { schema, value }, with `schema: null` for a value without one",
  })
})

test('an error that says nothing of a record is told with what the record may not hold', () => {
  const circle: { [name: string]: unknown } = {}
  circle['self'] = circle
  const record = sourceRecord({
    topic: 't',
    value: circle as never,
    sourcePartition: {},
    sourceOffset: {},
  })
  const full = new RangeError('Maximum call stack size exceeded')
  const told = explained(full, record) as Error & { code: string }
  assert.deepEqual([told.code, told.cause], ['data', full])
  assert.match(told.message, /^The record cannot be converted: its value\.self holds itself: /)
  const own = dataError('no number')
  assert.equal(explained(own, record), own)
  assert.equal(explained(full, { ...record, value: 'sound' }), full)
})
