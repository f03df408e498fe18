import assert from 'node:assert/strict'
import { test } from 'node:test'
import { javaText } from '../java/text.ts'
import { project } from '../schema/project.ts'
import { validateValue } from '../schema/validate.ts'
import { assertGolden, goldenCases } from '../testing/golden.ts'
import {
  fromTagged,
  schemaFromTagged,
  schemaToTagged,
  type Tagged,
  type TaggedSchema,
  toTagged,
} from '../testing/tagged.ts'
import { convertTo } from './convert.ts'
import { inferSchema } from './infer.ts'
import { parseString } from './parse.ts'
import { convertToString } from './text.ts'

const FILE = new URL('../golden/values.json', import.meta.url)

interface Typed {
  readonly schema?: TaggedSchema
  readonly value: Tagged
  readonly to?: TaggedSchema
  readonly field?: string
}
const typed = (item: Typed) => {
  const schema = schemaFromTagged(item.schema ?? null)
  return { schema, value: fromTagged(item.value, schema), to: schemaFromTagged(item.to ?? null) }
}

test('text is read as the value Java takes it for', () => {
  for (const item of goldenCases<string, { schema: TaggedSchema; value: Tagged }>(FILE, 'parseString'))
    assertGolden(item, () => {
      const { schema, value } = parseString(item.in)
      return { schema: schemaToTagged(schema), value: toTagged(value, schema) }
    })
})

test('a value is written as Java writes it', () => {
  for (const item of goldenCases<Typed, string>(FILE, 'convertToString'))
    assertGolden(item, () => convertToString(typed(item.in).schema, typed(item.in).value))
})

test('a value converts to another type as in Java', () => {
  for (const item of goldenCases<Typed, Tagged>(FILE, 'convertTo')) {
    const { date } = (item.out ?? {}) as { date?: number }
    if (date !== undefined && Math.abs(date) > 8.64e15) {
      const { schema, value, to } = typed(item.in)
      assert.throws(() => convertTo(to!, schema, value), /beyond the range of dates/)
      continue
    }
    assertGolden(item, () => {
      const { schema, value, to } = typed(item.in)
      assert.ok(to)
      const converted = convertTo(to, schema, value)
      // Lists and maps are not looked into: they keep the schema they came with, or that of their text.
      const inside = typeof value === 'string' ? parseString(value).schema : schema
      return toTagged(converted, ['array', 'map', 'struct'].includes(to.type) ? inside : to)
    })
  }
})

test('a schema is inferred as in Java', () => {
  for (const item of goldenCases<Typed, TaggedSchema>(FILE, 'infer')) {
    // Java fails for a list of nulls; no schema is the better answer.
    const expected = item.error === undefined ? item.out : null
    assert.deepEqual(schemaToTagged(inferSchema(typed(item.in).value)), expected, JSON.stringify(item.in))
  }
})

test('values print as Java prints them', () => {
  for (const item of goldenCases<Typed, string>(FILE, 'text')) {
    if (item.out?.includes('[B@')) continue // Java prints an identity
    assertGolden(item, () => javaText(typed(item.in).value, typed(item.in).schema))
  }
})

test('a value that its schema does not allow is refused in the same words', () => {
  for (const item of goldenCases<Typed, null>(FILE, 'validate')) {
    // A whole number is of any integer type here; only Java tells a Long from an Integer.
    if (typeof typed(item.in).value === 'number' && item.error?.includes('java.lang.Long')) continue
    assertGolden(item, () => {
      const { schema, value } = typed(item.in)
      assert.ok(schema)
      validateValue(schema, value, item.in.field)
      return null
    })
  }
})

test('data is projected to another schema as in Java', () => {
  for (const item of goldenCases<Typed, Tagged>(FILE, 'project'))
    assertGolden(
      {
        ...item,
        ...(item.error && { error: item.error.replace('SchemaProjectorException', 'DataException') }),
      },
      () => {
        const { schema, value, to } = typed(item.in)
        assert.ok(schema && to)
        return toTagged(project(schema, value, to), to)
      },
    )
})
