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
import { sameFields, structMaker } from './struct-maker.ts'

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
    const all = sameFields(requireStructSchema(given), parsed['replace.null.with.default'])
    const fields = parsed.fields.map((name) => {
      const field = all.find((one) => one.name === name)
      if (field === undefined) throw dataError(`Field does not exist: ${name}`)
      return field
    })
    const key = fields.map(({ name, schema: field }) => ({ name, schema: field }))
    return { schema: schema.struct(key), make: structMaker(fields) }
  })
  return {
    apply(record) {
      if (record.valueSchema === null) {
        const map = requireMap(record.value, PURPOSE)
        const key: { [name: string]: Value } = {}
        for (const field of parsed.fields) setField(key, field, entryOf(map, field))
        return { ...record, keySchema: null, key }
      }
      const struct = requireStruct(record.valueSchema, record.value, PURPOSE)
      const plan = planOf(record.valueSchema)
      return { ...record, keySchema: plan.schema, key: plan.make(struct) }
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
