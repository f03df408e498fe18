import type { Schema } from '@isthmus/sdk'
import { sameSchema } from '@isthmus/sdk/data'

const EQUAL_ONES = 16

/**
 * What follows from a schema, worked out once. Found by identity; a schema that is new but equal to one of the last few gets what that
 * one got, so that a source that makes its schema for every record still leaves one schema behind a transform.
 */
export function schemaMemo<T>(derive: (schema: Schema) => T): (schema: Schema) => T {
  const known = new WeakMap<Schema, { readonly derived: T }>()
  const recent: { readonly schema: Schema; readonly memo: { readonly derived: T } }[] = []
  let lastSchema: Schema | null = null
  let last: T

  const find = (schema: Schema): T => {
    let memo = known.get(schema)
    if (memo === undefined) {
      memo = recent.find((one) => sameSchema(one.schema, schema))?.memo
      if (memo === undefined) {
        memo = { derived: derive(schema) }
        recent.unshift({ schema, memo })
        if (recent.length > EQUAL_ONES) recent.pop()
      }
      known.set(schema, memo)
    }
    lastSchema = schema
    last = memo.derived
    return last
  }

  return (schema) => (schema === lastSchema ? last : find(schema))
}
