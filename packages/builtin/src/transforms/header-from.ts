import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  dataError,
  type Header,
  nonEmptyList,
  oneOf,
  type Schema,
  schema,
  setField,
  type Transform,
  type Value,
} from '@isthmus/sdk'
import { schemaText } from '@isthmus/sdk/java'
import { entryOf } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { type FieldMap, type Fields, requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { basicsOf, readField } from './struct-fields.ts'
import { sameFields, structMaker } from './struct-maker.ts'

const config = {
  fields: {
    type: 'list',
    validate: nonEmptyList,
    importance: 'high',
    doc: 'Names of the fields whose values become headers.',
  },
  headers: {
    type: 'list',
    validate: nonEmptyList,
    importance: 'high',
    doc: 'Names of the headers, in the order of the fields.',
  },
  operation: {
    type: 'string',
    validate: oneOf('move', 'copy'),
    importance: 'high',
    doc: 'move takes the fields away from the record; copy leaves them where they are.',
  },
  ...replaceNull,
} as const satisfies ConfigDef

function headerOf(key: string, schema: Schema, value: Value): Header {
  if (value === null && !schema.optional)
    throw dataError(`A null value requires an optional schema but was ${schemaText(schema)}`)
  return { key, schema, value }
}

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const { fields, headers, operation } = parsed
  if (fields.length !== headers.length)
    throw new ConnectError(
      'config',
      "'fields' config must have the same number of elements as 'headers' config.",
    )
  const purpose = `header ${operation}`
  const moved = new Set(operation === 'move' ? fields : [])

  const planOf = schemaMemo((given: Schema) => {
    const struct = requireStructSchema(given)
    const all = sameFields(struct, parsed['replace.null.with.default'])
    const kept = all.filter(({ name }) => !moved.has(name))
    const left = kept.map(({ name, schema }) => ({ name, schema }))
    return {
      schema: schema.struct(left, basicsOf(given)),
      make: structMaker(kept),
      sources: fields.map((name) => {
        const field = all.find((one) => one.name === name)
        if (field === undefined) throw dataError(`Field does not exist: ${name}`)
        return field.from
      }),
    }
  })

  const withoutMoved = (map: FieldMap): Value => {
    if (operation === 'copy') return map
    const kept: { [name: string]: Value } = {}
    if (map instanceof Map) return new Map([...map].filter(([name]) => !moved.has(name as string)))
    for (const name in map as Fields)
      if (!moved.has(name)) setField(kept, name, (map as Fields)[name] ?? null)
    return kept
  }

  return {
    apply(record) {
      const given = side.valueOf(record)
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        const map = requireMap(given, purpose)
        const added = headers.map(
          (key, index): Header => ({ key, schema: null, value: entryOf(map, fields[index] ?? '') }),
        )
        const left = side.changed(record, null, withoutMoved(map))
        return { ...left, headers: [...record.headers, ...added] }
      }
      const struct = requireStruct(givenSchema, given, purpose)
      const plan = planOf(givenSchema)
      const left = operation === 'copy' ? record : side.changed(record, plan.schema, plan.make(struct))
      const added = plan.sources.map((reader, index) =>
        headerOf(headers[index] ?? '', reader.schema, readField(struct, reader)),
      )
      return { ...left, headers: [...record.headers, ...added] }
    },
  }
}

export const { key: HeaderFromKey, value: HeaderFromValue } = onEitherSide('HeaderFrom', config, open)
