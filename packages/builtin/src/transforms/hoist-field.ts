import {
  type ConfigDef,
  type ConfigOf,
  type Schema,
  schema,
  setField,
  type Transform,
  type Value,
} from '@isthmus/sdk'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { putField } from './struct-fields.ts'

const config = {
  field: {
    type: 'string',
    importance: 'medium',
    doc: 'Name of the one field of the struct or map that the data is put into.',
  },
} as const satisfies ConfigDef

function open({ field }: ConfigOf<typeof config>, side: Side): Transform {
  const structOf = schemaMemo((hoisted: Schema) => schema.struct([{ name: field, schema: hoisted }]))
  return {
    apply(record) {
      const hoisted = side.schemaOf(record)
      const value: { [name: string]: Value } = {}
      if (hoisted === null) {
        setField(value, field, side.valueOf(record))
        return side.changed(record, null, value)
      }
      const struct = structOf(hoisted)
      putField(value, field, hoisted, side.valueOf(record))
      return side.changed(record, struct, value)
    },
  }
}

export const { key: HoistFieldKey, value: HoistFieldValue } = onEitherSide('HoistField', config, open)
