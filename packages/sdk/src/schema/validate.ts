import { dataError } from '../errors.ts'
import { javaClassOf } from '../java/text.ts'
import { DATE, DECIMAL, TIME, TIMESTAMP } from './names.ts'
import { type Decimal, fieldOf, NUMBER_KIND, type Schema, type Value } from './schema.ts'

const WHOLE: { readonly [type: string]: number } = { int8: 0x80, int16: 0x8000, int32: 0x80000000 }

/**
 * Throws a `data` error, in Java's words, unless the value is what the schema says; a required field of a struct may be
 * null when it has a default. `field` says in the message where it is. Looks deeply, so it is for authors and tests:
 * converters look at what they write themselves.
 */
export function validateValue(schema: Schema, value: Value | undefined, field?: string): void {
  validate(schema, value, field === undefined ? 'value' : `field: "${field}"`)
}

function validate(schema: Schema | null, value: Value | undefined, location: string): void {
  if (schema === null) throw dataError(`No schema defined for ${location}`)
  if (value === null || value === undefined) {
    if (schema.optional) return
    throw dataError(
      `Invalid value: null used for required ${location}, schema type: ${schema.type.toUpperCase()}`,
    )
  }
  if (!fits(schema, value)) throw dataError(misfit(schema, value, location))
  switch (schema.type) {
    case 'struct':
      checkFields(schema, value as { readonly [name: string]: Value })
      break
    case 'array':
      for (const item of value as readonly Value[])
        validate(schema.items, item, `element of array ${location}`)
      break
    case 'map':
      for (const [key, item] of value as ReadonlyMap<Value, Value>) {
        validate(schema.keys, key, `key of map ${location}`)
        validate(schema.values, item, `value of map ${location}`)
      }
  }
}

function checkFields(schema: Schema & { type: 'struct' }, value: { readonly [name: string]: Value }): void {
  for (const field of schema.fields) {
    const item = fieldOf(value, field.name)
    if (item === null && field.schema.default !== undefined) continue
    validate(field.schema, item, `field: "${field.name}"`)
  }
  const unknown = Object.keys(value).find((name) => !schema.fields.some((field) => field.name === name))
  if (unknown !== undefined) throw dataError(`${unknown} is not a valid field name`)
}

function misfit(schema: Schema, value: Value, location: string): string {
  const name = schema.name === undefined ? '' : ` "${schema.name}"`
  const type = schema.type.toUpperCase()
  return `Invalid Java object for schema${name} with type ${type}: ${foundText(schema, value)} for ${location}`
}

/** Java's classes, but where JavaScript has its own trap: a number is no int64. */
function foundText(schema: Schema, value: Value): string {
  if (schema.type === 'int64' && schema.name === undefined && typeof value === 'number')
    return `a number, ${value}, where a bigint is needed`
  return `class ${javaClassOf(value, schema.name === undefined ? null : schema)}`
}

/** Whether the value is of the JavaScript type that the schema asks for; what is inside is not looked at. */
export function fits(schema: Schema, value: Value): boolean {
  switch (schema.name) {
    case DECIMAL:
      return (value as Partial<Decimal> | null)?.[NUMBER_KIND] === 'decimal'
    case DATE:
    case TIME:
    case TIMESTAMP:
      return value instanceof Date
  }
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32': {
      const bound = WHOLE[schema.type] ?? 0
      return typeof value === 'number' && Number.isInteger(value) && value >= -bound && value < bound
    }
    case 'int64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
    case 'float32':
    case 'float64':
      return typeof value === 'number'
    case 'boolean':
    case 'string':
      return typeof value === schema.type
    case 'bytes':
      return value instanceof Uint8Array
    case 'array':
      return Array.isArray(value)
    case 'map':
      return value instanceof Map
    case 'struct':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        !(value instanceof Map) &&
        !(value instanceof Date) &&
        !(value instanceof Uint8Array) &&
        (value as Partial<Decimal>)[NUMBER_KIND] === undefined
      )
  }
}
