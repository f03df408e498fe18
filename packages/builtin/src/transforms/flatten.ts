import {
  type ConfigDef,
  type ConfigOf,
  dataError,
  entriesOf,
  type FieldSchema,
  fieldOf,
  javaClassOf,
  kindOf,
  type Schema,
  type StructSchema,
  schema,
  setField,
  type Transform,
  type Value,
  validateValue,
} from '@isthmus/sdk'
import { type FieldMap, type Fields, requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { basicsOf, type FieldReader, putField, readerOf, readField } from './struct-fields.ts'

const PURPOSE = 'flattening'

const config = {
  delimiter: {
    type: 'string',
    default: '.',
    importance: 'medium',
    doc: 'What stands between the names of fields on the way to one.',
  },
} as const satisfies ConfigDef

function flattenMap(map: FieldMap, prefix: string, delimiter: string, into: { [name: string]: Value }): void {
  for (const [key, value] of entriesOf(map)) {
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
}

/** How a struct is flattened: its own fields in order, each one kept under its new name or flattened in turn. */
interface Step {
  readonly reader: FieldReader
  readonly name: string
  readonly schema: Schema
  readonly inner: readonly Step[] | null
}

interface Above {
  readonly prefix: string
  readonly optional: boolean
  /** What the struct's own default, or that of one above it, says of its fields. */
  readonly fallback: Fields | null
}

function stepsOf(
  struct: StructSchema,
  delimiter: string,
  above: Above,
  flat: FieldSchema[],
): readonly Step[] {
  return struct.fields.map(({ name: own, schema: given }) => {
    const name = above.prefix === '' ? own : `${above.prefix}${delimiter}${own}`
    const optional = above.optional || given.optional
    const inherited = above.fallback === null ? null : fieldOf(above.fallback, own)
    const fallback = given.default ?? inherited
    if (given.type === 'struct') {
      const below = { prefix: name, optional, fallback: fallback as Fields | null }
      // A struct that is absent stays so: its fields have the defaults.
      return {
        reader: readerOf(own, given, false),
        name,
        schema: given,
        inner: stepsOf(given, delimiter, below, flat),
      }
    }
    if (given.type === 'map')
      throw dataError(
        `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
      )
    const leaf = leafSchema(given, optional, fallback)
    flat.push({ name, schema: leaf })
    return { reader: readerOf(own, given, true), name, schema: leaf, inner: null }
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

function flattenStruct(struct: Fields, steps: readonly Step[], into: { [name: string]: Value }): void {
  for (const step of steps) {
    const value = readField(struct, step.reader)
    if (step.inner === null) putField(into, step.name, step.schema, value)
    else if (value !== null) flattenStruct(value as Fields, step.inner, into)
  }
}

function open({ delimiter }: ConfigOf<typeof config>, side: Side): Transform {
  const planOf = schemaMemo((given: Schema) => {
    const flat: FieldSchema[] = []
    const above = { prefix: '', optional: given.optional, fallback: (given.default ?? null) as Fields | null }
    const steps = stepsOf(requireStructSchema(given), delimiter, above, flat)
    return { schema: schema.struct(flat, basicsOf(given)), steps }
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      if (given === null) return record
      const givenSchema = side.schemaOf(record)
      const value: { [name: string]: Value } = {}
      if (givenSchema === null) {
        flattenMap(requireMap(given, PURPOSE), '', delimiter, value)
        return side.changed(record, null, value)
      }
      const struct = requireStruct(givenSchema, given, PURPOSE)
      const plan = planOf(givenSchema)
      flattenStruct(struct, plan.steps, value)
      return side.changed(record, plan.schema, value)
    },
  }
}

export const { key: FlattenKey, value: FlattenValue } = onEitherSide('Flatten', config, open)
