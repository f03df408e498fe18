import { schema } from '../schema/builders.ts'
import { entriesOf, kindOf, type Schema, type SchemaType, type Value } from '../schema/schema.ts'

/**
 * The schema of a value that has none, as Java's `Values.inferSchema`. Null for dates, decimals, empty lists and maps, and those
 * whose elements differ in type. As there, what a list inside a list holds is not looked at.
 */
export function inferSchema(value: Value): Schema | null {
  const kind = kindOf(value)
  switch (kind) {
    case 'null':
    case 'date':
    case 'decimal':
      return null
    case 'list': {
      const items = commonType(value as readonly Value[])
      return items === null ? null : schema.array(items)
    }
    case 'map': {
      const entries = entriesOf(value)
      const keys = commonType(entries.map(([key]) => key))
      const values = commonType(entries.map(([, item]) => item))
      return keys === null || values === null ? null : schema.map(keys, values)
    }
    default:
      return schema[kind]()
  }
}

function commonType(values: readonly Value[]): Schema | null {
  let common: SchemaType | null = null
  let optional = false
  for (const value of values) {
    if (value === null) {
      optional = true
      continue
    }
    const inferred = inferSchema(value)
    if (inferred === null || (common !== null && inferred.type !== common)) return null
    common = inferred.type
  }
  if (common === null || common === 'struct') return null
  if (common === 'array') return schema.array(null, { optional })
  if (common === 'map') return schema.map(null, null, { optional })
  return schema[common]({ optional })
}
