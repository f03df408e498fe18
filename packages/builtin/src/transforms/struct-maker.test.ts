import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schema, setField, type Value } from '@isthmus/sdk'
import { sameFields, structMaker } from './struct-maker.ts'

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '"]; throw 1; ["',
  'line\u2028\nbreak',
  '\ud800',
  '0',
]

test('names are names, whatever they look like', () => {
  const fields = NAMES.map((name) => ({ name, schema: schema.string({ optional: true }) }))
  const make = structMaker(sameFields({ type: 'struct', optional: false, fields }, true))
  const given: { [name: string]: Value } = {}
  for (const name of NAMES) setField(given, name, `of ${name}`)
  const made = make(given)
  assert.deepEqual(Object.entries(made).sort(), NAMES.map((name) => [name, `of ${name}`] as const).sort())
  assert.equal(Object.getPrototypeOf(made), Object.prototype)
  assert.deepEqual(
    Object.values(make({})),
    NAMES.map(() => null),
  )
})

test('a null is read as the default only where defaults are asked for, and refused where it may not be', () => {
  const struct = schema.struct({ a: schema.int32({ default: 7 }), b: schema.string({ optional: true }) })
  assert.deepEqual(structMaker(sameFields(struct, true))({}), { a: 7, b: null })
  assert.throws(() => structMaker(sameFields(struct, false))({ a: null }), {
    code: 'data',
    message: 'Invalid value: null used for required field: "a", schema type: INT32',
  })
})
