import { dataError, type Schema, type SinkRecord, type StructSchema, type Value } from '@isthmus/sdk'
import { kindOf } from '@isthmus/sdk/data'
import type { Fields } from './row-plan.ts'

/** The schema that a record's fields have; null where each record says by itself what it has. */
export const structOf = (schema: Schema | null): StructSchema | null =>
  schema?.type === 'struct' ? schema : null

/** What a record's table may be named for: the name of its schema, or its key where it has no schema. */
export function namedFor({ key, valueSchema }: SinkRecord): string | null {
  if (valueSchema !== null) return valueSchema.name ?? null
  return typeof key === 'string' && key !== '' ? key : null
}

/** The fields of a record with a value; a `data` error when it has none, as a text or a list. */
export function fieldsOf({ value, valueSchema }: SinkRecord): Fields {
  if (valueSchema?.type === 'struct') return value as Fields
  if (kindOf(value) !== 'map')
    throw dataError(
      `the value is of type ${valueSchema?.type ?? kindOf(value)}, and only structs and maps become rows`,
    )
  const fields = value instanceof Map ? fieldsOfMap(value) : (value as Fields)
  return Object.hasOwn(fields, 'op_type') && typeof fields['op_type'] === 'string' ? changeOf(fields) : fields
}

function fieldsOfMap(map: ReadonlyMap<Value, Value>): Fields {
  // fromEntries makes `__proto__` a field like any other
  return Object.fromEntries([...map].map(([name, value]) => [String(name), value]))
}

/** Oracle GoldenGate wraps rows: `op_type` says what has happened to one, and `after` how it is since. */
function changeOf(change: Fields): Fields {
  const after = Object.hasOwn(change, 'after') ? change['after'] : null
  if (kindOf(after) !== 'map')
    throw dataError(
      `the value has op_type ${change['op_type']}, as those of Oracle GoldenGate, and no row in the field after`,
    )
  return after instanceof Map ? fieldsOfMap(after) : (after as Fields)
}
