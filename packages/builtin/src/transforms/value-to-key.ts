import {
  type ConfigDef,
  type ConfigOf,
  dataError,
  type Schema,
  schema,
  setField,
  type Transform,
  type TransformPlugin,
  type Value,
  validList,
} from '@isthmus/sdk'
import { VERSION } from '../version.ts'
import { entryOf } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { putField, readersOf, readField } from './struct-fields.ts'

const PURPOSE = 'copying fields from value to key'

const config = {
  fields: {
    type: 'list',
    validate: validList({ empty: false }),
    importance: 'high',
    doc: 'Names of the fields of the value that make the new key.',
  },
  ...replaceNull,
} as const satisfies ConfigDef

function open(parsed: ConfigOf<typeof config>): Transform {
  const planOf = schemaMemo((given: Schema) => {
    const all = readersOf(requireStructSchema(given), parsed['replace.null.with.default'])
    const readers = parsed.fields.map((field) => {
      const reader = all.find(({ name }) => name === field)
      if (reader === undefined) throw dataError(`Field does not exist: ${field}`)
      return reader
    })
    return {
      schema: schema.struct(readers.map(({ name, schema: field }) => ({ name, schema: field }))),
      readers,
    }
  })
  return {
    apply(record) {
      const key: { [name: string]: Value } = {}
      if (record.valueSchema === null) {
        const map = requireMap(record.value, PURPOSE)
        for (const field of parsed.fields) setField(key, field, entryOf(map, field))
        return { ...record, keySchema: null, key }
      }
      const struct = requireStruct(record.valueSchema, record.value, PURPOSE)
      const plan = planOf(record.valueSchema)
      for (const reader of plan.readers) putField(key, reader.name, reader.schema, readField(struct, reader))
      return { ...record, keySchema: plan.schema, key }
    },
  }
}

export const ValueToKey: TransformPlugin<typeof config> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.ValueToKey',
  version: VERSION,
  config,
  open,
}
