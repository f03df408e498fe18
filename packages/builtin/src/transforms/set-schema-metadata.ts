import { type ConfigDef, type ConfigOf, ConnectError, type Schema, type Transform } from '@isthmus/sdk'
import { replaceNull } from './replace-null.ts'
import { type Fields, requireSchema, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { sameFields, structMaker } from './struct-maker.ts'

const config = {
  'schema.name': { type: 'string', default: null, importance: 'high', doc: 'The name for the schema.' },
  'schema.version': { type: 'int', default: null, importance: 'high', doc: 'The version for the schema.' },
  ...replaceNull,
} as const satisfies ConfigDef

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const { 'schema.name': name, 'schema.version': version } = parsed
  if (name === null && version === null)
    throw new ConnectError('config', 'Neither schema name nor version configured')
  const planOf = schemaMemo((given: Schema) => ({
    schema: {
      ...requireStructSchema(given),
      ...(name !== null && { name }),
      ...(version !== null && { version }),
    } as Schema,
    make: structMaker(sameFields(requireStructSchema(given), parsed['replace.null.with.default'])),
  }))
  return {
    apply(record) {
      const given = side.valueOf(record)
      const givenSchema = side.schemaOf(record)
      if (given === null && givenSchema === null) return record
      const plan = planOf(requireSchema(givenSchema, 'updating schema metadata'))
      return side.changed(record, plan.schema, given === null ? null : plan.make(given as Fields))
    },
  }
}

export const { key: SetSchemaMetadataKey, value: SetSchemaMetadataValue } = onEitherSide(
  'SetSchemaMetadata',
  config,
  open,
)
