import {
  type ConfigDef,
  type ConfigOf,
  dataError,
  type Schema,
  type Transform,
  type Value,
} from '@isthmus/sdk'
import { entryOf } from './field-map.ts'
import { type FieldPath, fieldSyntax, parseFieldPath } from './field-path.ts'
import { replaceNull } from './replace-null.ts'
import { type Fields, requireMap, requireStruct } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { readerOf, readField } from './struct-fields.ts'

const PURPOSE = 'field extraction'
const NESTED = 'nested field access'

const config = {
  field: {
    type: 'string',
    importance: 'medium',
    doc: 'Name of, or path to, the field that takes the place of the whole.',
  },
  ...replaceNull,
  ...fieldSyntax,
} as const satisfies ConfigDef

function extractFromMap(value: Value, path: FieldPath): Value {
  let current = value
  let purpose = PURPOSE
  for (const name of path) {
    if (current === null) return null
    current = entryOf(requireMap(current, purpose), name)
    purpose = NESTED
  }
  return current
}

/** The fields on the way, read with their defaults but for the last, which is as configured. */
function readersAlong(given: Schema, path: FieldPath, configured: string, withDefault: boolean) {
  let current = given
  return path.map((name, index) => {
    if (current.type !== 'struct') throw dataError('Cannot look up fields on non-struct type')
    const field = current.fields.find((one) => one.name === name)
    if (field === undefined) throw dataError(`Unknown field: ${configured}`)
    current = field.schema
    return readerOf(name, field.schema, withDefault || index < path.length - 1)
  })
}

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const path = parseFieldPath(parsed.field, parsed['field.syntax.version'])
  const planOf = schemaMemo((given) => {
    const readers = readersAlong(given, path, parsed.field, parsed['replace.null.with.default'])
    const last = readers.at(-1)
    if (last === undefined) throw dataError(`Unknown field: ${parsed.field}`)
    return { schema: last.schema, readers }
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        if (path.length === 0 && given !== null) throw dataError(`Unknown field: ${parsed.field}`)
        return side.changed(record, null, extractFromMap(given, path))
      }
      if (given !== null) requireStruct(givenSchema, given, PURPOSE)
      const plan = planOf(givenSchema)
      let current = given
      for (const reader of plan.readers) {
        if (current === null) break
        current = readField(current as Fields, reader)
      }
      return side.changed(record, plan.schema, current)
    },
  }
}

export const { key: ExtractFieldKey, value: ExtractFieldValue } = onEitherSide('ExtractField', config, open)
