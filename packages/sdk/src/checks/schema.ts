import type { FieldSchema } from '../schema/schema.ts'

const TYPES: ReadonlySet<unknown> = new Set([
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
  'bytes',
  'array',
  'map',
  'struct',
])
/** A schema that refers to itself would have no end. */
const DEEPEST = 100

/** What keeps something from being a schema; where in it is told after the name that the caller begins with. */
export function schemaFault(given: unknown, depth = 0): string | null {
  if (given === null) return null
  if (typeof given !== 'object' || !TYPES.has((given as { type?: unknown }).type)) {
    const type = (given as { type?: unknown } | undefined)?.type
    const found =
      typeof given === 'object' ? `a schema of the type ${JSON.stringify(type)}` : `${String(given)}`
    return ` is ${found}: schemas are made by schema.string(), schema.struct({ … }) and so on of @isthmus/sdk, and null is none`
  }
  if (depth > DEEPEST) return ' has no end: it refers to itself'
  const { type, fields, items, keys, values } = given as { readonly [part: string]: unknown }
  if (type === 'array') return inside('.items', items, depth)
  if (type === 'map') return inside('.keys', keys, depth) ?? inside('.values', values, depth)
  if (type !== 'struct') return null
  if (!Array.isArray(fields)) return ' is a struct without an array of fields'
  for (const field of fields as readonly FieldSchema[]) {
    const fault =
      typeof field?.name === 'string' && inside(`.${field.name}`, field.schema ?? undefined, depth)
    if (fault === false) return ` has a field without a name`
    if (fault !== null) return fault
  }
  return null
}

function inside(part: string, given: unknown, depth: number): string | null {
  const fault = schemaFault(given, depth + 1)
  return fault === null ? null : part + fault
}
