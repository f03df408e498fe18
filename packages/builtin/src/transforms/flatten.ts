import {
  type ConfigDef,
  type ConfigOf,
  dataError,
  fieldOf,
  type Schema,
  type StructSchema,
  schema,
  setField,
  type Transform,
  type Value,
  validateValue,
} from '@isthmus/sdk'
import { kindOf } from '@isthmus/sdk/data'
import { javaClassOf } from '@isthmus/sdk/java'
import { type FieldMap, type Fields, requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { basicsOf, readerOf } from './struct-fields.ts'
import { type Inside, type MadeField, structMaker } from './struct-maker.ts'

const PURPOSE = 'flattening'

const config = {
  delimiter: {
    type: 'string',
    default: '.',
    importance: 'medium',
    doc: 'What stands between the names of fields on the way to one.',
  },
} as const satisfies ConfigDef

type Flat = { [name: string]: Value }

function flattenMap(map: FieldMap, prefix: string, delimiter: string, into: Flat): void {
  if (map instanceof Map) for (const [key, value] of map) flattenEntry(key, value, prefix, delimiter, into)
  else
    for (const key in map as Fields) flattenEntry(key, (map as Fields)[key] ?? null, prefix, delimiter, into)
}

function flattenEntry(key: Value, value: Value, prefix: string, delimiter: string, into: Flat): void {
  if (typeof key !== 'string')
    throw dataError(`class ${javaClassOf(key)} cannot be cast to class java.lang.String`)
  const name = prefix === '' ? key : `${prefix}${delimiter}${key}`
  switch (kindOf(value)) {
    case 'map':
      flattenMap(value as FieldMap, name, delimiter, into)
      break
    case 'date':
    case 'decimal':
      throw dataError(
        `Flatten transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API`,
      )
    default:
      setField(into, name, value)
  }
}

interface Above {
  readonly prefix: string
  readonly inside: Inside | undefined
  readonly optional: boolean
  /** What the struct's own default, or that of one above it, says of its fields. */
  readonly fallback: Fields | null
}

/** The fields of a struct and of all structs inside it, in order. */
function flatFields(struct: StructSchema, delimiter: string, above: Above): readonly MadeField[] {
  return struct.fields.flatMap(({ name: own, schema: given }) => {
    const name = above.prefix === '' ? own : `${above.prefix}${delimiter}${own}`
    const optional = above.optional || given.optional
    const inherited = above.fallback === null ? null : fieldOf(above.fallback, own)
    const fallback = given.default ?? inherited
    if (given.type === 'struct') {
      // A struct that is absent stays so: its fields have the defaults.
      const inside = { from: readerOf(own, given, false), inside: above.inside }
      const below = { prefix: name, inside, optional, fallback: fallback as Fields | null }
      return flatFields(given, delimiter, below)
    }
    if (given.type === 'map')
      throw dataError(
        `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
      )
    const leaf = leafSchema(given, optional, fallback)
    return [{ name, schema: leaf, from: readerOf(own, given, true), inside: above.inside }]
  })
}

function leafSchema(given: Schema, optional: boolean, fallback: Value): Schema {
  const { default: _, ...kept } = given
  const leaf = { ...kept, optional } as Schema
  if (fallback === null) return leaf
  try {
    validateValue(leaf, fallback)
  } catch (cause) {
    throw dataError('Invalid default value', { cause })
  }
  return { ...leaf, default: fallback }
}

function open({ delimiter }: ConfigOf<typeof config>, side: Side): Transform {
  const planOf = schemaMemo((given: Schema) => {
    const fallback = (given.default ?? null) as Fields | null
    const above = { prefix: '', inside: undefined, optional: given.optional, fallback }
    const fields = flatFields(requireStructSchema(given), delimiter, above)
    const flat = fields.map(({ name, schema }) => ({ name, schema }))
    return { schema: schema.struct(flat, basicsOf(given)), make: structMaker(fields) }
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      if (given === null) return record
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        const value: Flat = {}
        flattenMap(requireMap(given, PURPOSE), '', delimiter, value)
        return side.changed(record, null, value)
      }
      const struct = requireStruct(givenSchema, given, PURPOSE)
      const plan = planOf(givenSchema)
      return side.changed(record, plan.schema, plan.make(struct))
    },
  }
}

export const { key: FlattenKey, value: FlattenValue } = onEitherSide('Flatten', config, open)
