import {
  type ConfigDef,
  type ConfigOf,
  dataError,
  decimal,
  nonEmptyString,
  type Schema,
  schema,
  type Transform,
  type Value,
  validList,
} from '@isthmus/sdk'
import { atField, convertTo, kindOf, typedNumber, type ValueKind } from '@isthmus/sdk/data'
import { javaClassOf, parseDecimal } from '@isthmus/sdk/java'
import { copyOf, entryOf, setEntry } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { sameFields, structMaker } from './struct-maker.ts'

const PURPOSE = 'mask fields'

const config = {
  fields: {
    type: 'list',
    validate: validList({ empty: false }),
    importance: 'high',
    doc: 'Names of the fields to mask.',
  },
  replacement: {
    type: 'string',
    default: null,
    validate: nonEmptyString,
    importance: 'low',
    doc: "What to put in the place of numbers and strings; without it, 0 and ''.",
  },
  ...replaceNull,
} as const satisfies ConfigDef

type Mask = (value: Value, schema: Schema | null) => Value

/** The emptiest value of the same kind. */
const nothingLike: Mask = (value, given) => {
  const kind = kindUnder(value, given)
  switch (kind) {
    case 'boolean':
      return false
    case 'string':
      return ''
    case 'int64':
      return given === null ? 0 : 0n
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return given === null ? typedNumber(kind, 0) : 0
    case 'decimal':
      return decimal(0n, 0)
    case 'date':
      return new Date(0)
    case 'list':
      return []
    case 'map':
      if (given?.type === 'struct') break
      return given === null && !(value instanceof Map) ? {} : new Map()
  }
  throw dataError(`Cannot mask value of type: class ${javaClassOf(value, given)}`)
}

/** The replacement as each kind of value asks for it; worked out when the first of the kind comes. */
function replacedBy(replacement: string): Mask {
  const known = new Map<string, Value>()
  return (value, given) => {
    const kind = kindUnder(value, given)
    const id = given === null ? kind : `${kind} under a schema`
    let replaced = known.get(id)
    if (replaced === undefined) {
      replaced = replacementFor(kind, replacement, value, given)
      known.set(id, replaced)
    }
    return replaced
  }
}

function replacementFor(kind: ValueKind, replacement: string, value: Value, given: Schema | null): Value {
  switch (kind) {
    case 'string':
      return replacement
    case 'decimal': {
      const parsed = parseDecimal(replacement)
      if (parsed === null)
        throw dataError(`Unable to convert ${replacement} (class java.lang.String) to number`)
      return parsed
    }
    case 'int64':
      return convertTo(schema.int64(), null, replacement)
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64': {
      const converted = convertTo(schema[kind](), null, replacement) as number
      return given === null ? typedNumber(kind, converted) : converted
    }
  }
  throw dataError(`Cannot mask value of type class ${javaClassOf(value, given)} with custom replacement.`)
}

const kindUnder = (value: Value, given: Schema | null): ValueKind =>
  typeof value === 'number' && given !== null ? (given.type as ValueKind) : kindOf(value)

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const masked = new Set(parsed.fields)
  const mask = parsed.replacement === null ? nothingLike : replacedBy(parsed.replacement)
  const maskUnder = (given: Schema) => (value: Value) => (value === null ? null : mask(value, given))
  const makerOf = schemaMemo((given: Schema) => {
    const fields = sameFields(requireStructSchema(given), parsed['replace.null.with.default'])
    return structMaker(
      fields.map((field) => (masked.has(field.name) ? { ...field, change: maskUnder(field.schema) } : field)),
    )
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        const map = requireMap(given, PURPOSE)
        const copy = copyOf(map)
        let at = ''
        try {
          for (const name of masked) {
            at = name
            const item = entryOf(map, name)
            setEntry(copy, name, item === null ? null : mask(item, null))
          }
        } catch (error) {
          throw atField(error, at)
        }
        return side.changed(record, null, copy)
      }
      const struct = requireStruct(givenSchema, given, PURPOSE)
      return side.changed(record, givenSchema, makerOf(givenSchema)(struct))
    },
  }
}

export const { key: MaskFieldKey, value: MaskFieldValue } = onEitherSide('MaskField', config, open)
