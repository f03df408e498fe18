import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  dataError,
  type Schema,
  type SchemaOptions,
  schema,
  type Transform,
  validateValue,
} from '@isthmus/sdk'
import { atField } from '@isthmus/sdk/data'
import { javaTrim } from '@isthmus/sdk/java'
import { type Caster, casterOf, OUTPUT_TYPES, type OutputType, shownTypes } from './cast-value.ts'
import { copyOf, entryOf, setEntry } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { invalidPair, pairsValidator, splitSpec } from './spec-pairs.ts'
import { basicsOf } from './struct-fields.ts'
import { sameFields, structMaker } from './struct-maker.ts'

const PURPOSE = 'cast types'

const config = {
  spec: {
    type: 'list',
    validate: pairsValidator((list) => void castsOf(list)),
    importance: 'high',
    doc: `Fields and the types to cast them to, as pairs field:type, or one type alone to cast the whole value. Types: ${OUTPUT_TYPES.join(', ')}. Bytes become base64 text, and nothing else.`,
  },
  ...replaceNull,
} as const satisfies ConfigDef

interface Casts {
  /** The type for the whole value; null when fields are cast. */
  readonly whole: OutputType | null
  readonly fields: ReadonlyMap<string, OutputType>
}

/** Types that exist and are no target of a cast are told from those that do not exist. */
const OTHER_TYPES: readonly string[] = ['BYTES', 'ARRAY', 'MAP', 'STRUCT']

function castsOf(spec: readonly string[] | null): Casts {
  if (spec === null || spec.length === 0)
    throw new ConnectError('config', 'Must specify at least one field to cast.')
  const fields = new Map<string, OutputType>()
  let whole: OutputType | null = null
  for (const entry of spec) {
    const parts = splitSpec(entry)
    const [name = '', type] = parts
    if (parts.length === 0 || parts.length > 2) throw invalidPair(entry, spec)
    if (type === undefined) whole = outputType(name)
    else fields.set(javaTrim(name), outputType(type))
  }
  if (whole !== null && spec.length > 1)
    throw new ConnectError(
      'config',
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    )
  return { whole, fields }
}

function outputType(text: string): OutputType {
  const trimmed = javaTrim(text)
  const type = trimmed.toUpperCase()
  const found = OUTPUT_TYPES.find((one) => one.toUpperCase() === type)
  if (found !== undefined) return found
  throw new ConnectError(
    'config',
    OTHER_TYPES.includes(type)
      ? `Cast transformation does not support casting to ${type}; supported types are ${shownTypes(OUTPUT_TYPES)}`
      : // Java puts the exception where the value belongs.
        `Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${type} for configuration Invalid type found in casting spec: ${trimmed}`,
  )
}

/** The schema after a cast. A default is cast too, and has to fit: under the name of a logical type it does not. */
function castSchema(given: Schema, target: OutputType, kept: SchemaOptions): Schema {
  const changed = schema[target]({ ...kept, ...(given.optional && { optional: true }) })
  if (given.default === undefined) return changed
  const fallback = casterOf(given, target)(given.default)
  try {
    validateValue(changed, fallback)
  } catch (cause) {
    throw dataError('Invalid default value', { cause })
  }
  return { ...changed, default: fallback }
}

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const { whole, fields } = castsOf(parsed.spec)
  return whole === null
    ? castFields(fields, parsed['replace.null.with.default'], side)
    : castWhole(whole, side)
}

function castWhole(target: OutputType, side: Side): Transform {
  const planOf = schemaMemo((given) => ({
    schema: castSchema(given, target, basicsOf(given)),
    cast: casterOf(given, target),
  }))
  const schemaless = casterOf(null, target)
  return {
    apply(record) {
      const value = side.valueOf(record)
      if (value === null) return record
      const given = side.schemaOf(record)
      if (given === null) return side.changed(record, null, schemaless(value))
      const plan = planOf(given)
      return side.changed(record, plan.schema, plan.cast(value))
    },
  }
}

function castFields(targets: ReadonlyMap<string, OutputType>, withDefaults: boolean, side: Side): Transform {
  const schemaless: readonly (readonly [string, Caster])[] = [...targets].map(([name, target]) => [
    name,
    casterOf(null, target),
  ])
  const planOf = schemaMemo((given) => {
    const fields = sameFields(requireStructSchema(given), withDefaults).map((field) => {
      const target = targets.get(field.name)
      if (target === undefined) return field
      const change = casterOf(field.schema, target)
      return { ...field, schema: castSchema(field.schema, target, {}), change }
    })
    // A struct is no input of a cast, so neither is its default.
    if (given.default !== undefined) casterOf(given, 'string')(given.default)
    const options = { ...basicsOf(given), ...(given.optional && { optional: true }) }
    const changed = fields.map(({ name, schema }) => ({ name, schema }))
    return { schema: schema.struct(changed, options), make: structMaker(fields) }
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      if (given === null) return record
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        const map = requireMap(given, PURPOSE)
        const copy = copyOf(map)
        let at = ''
        try {
          for (const [name, cast] of schemaless) {
            at = name
            setEntry(copy, name, cast(entryOf(map, name)))
          }
        } catch (error) {
          throw atField(error, at)
        }
        return side.changed(record, null, copy)
      }
      const plan = planOf(givenSchema)
      const struct = requireStruct(givenSchema, given, PURPOSE)
      return side.changed(record, plan.schema, plan.make(struct))
    },
  }
}

export const { key: CastKey, value: CastValue } = onEitherSide('Cast', config, open)
