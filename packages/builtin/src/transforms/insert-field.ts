import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  type ConnectRecord,
  type FieldSchema,
  type Schema,
  schema,
  setField,
  type Transform,
  type Value,
} from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { copyOf, setEntry } from './field-map.ts'
import { replaceNull } from './replace-null.ts'
import { requireMap, requireSinkRecord, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { basicsOf } from './struct-fields.ts'
import { sameFields, structMaker } from './struct-maker.ts'

const PURPOSE = 'field insertion'

const fieldName = (what: string) =>
  ({
    type: 'string',
    default: null,
    importance: 'medium',
    doc: `Name of the field for ${what}. A final '!' makes it required; '?', or neither, optional.`,
  }) as const

const config = {
  'topic.field': fieldName('the Kafka topic'),
  'partition.field': fieldName('the Kafka partition'),
  'offset.field': fieldName('the Kafka offset, for sink connectors only'),
  'timestamp.field': fieldName('the timestamp of the record'),
  'static.field': fieldName('a value that is always the same'),
  'static.value': {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'The value of static.field.',
  },
  ...replaceNull,
} as const satisfies ConfigDef

/** One field to insert. Its value is null where the record has none; the field is then left out. */
interface Insertion {
  readonly name: string
  readonly schema: Schema
  readonly typed: (record: ConnectRecord) => Value
  readonly schemaless: (record: ConnectRecord) => Value
}

const offsetOf = (record: ConnectRecord): number => requireSinkRecord(record, PURPOSE).kafkaOffset

function insertionsOf(parsed: ConfigOf<typeof config>): readonly Insertion[] {
  const insertions: Insertion[] = []
  const add = (
    property: 'topic.field' | 'partition.field' | 'offset.field' | 'timestamp.field' | 'static.field',
    make: (options: { readonly optional: boolean }) => Schema,
    typed: Insertion['typed'],
    schemaless: Insertion['schemaless'] = typed,
  ): void => {
    const spec = parsed[property]
    if (spec === null) return
    const name = /[!?]$/.test(spec) ? spec.slice(0, -1) : spec
    insertions.push({ name, schema: make({ optional: !spec.endsWith('!') }), typed, schemaless })
  }
  add('topic.field', schema.string, (record) => record.topic)
  add(
    'partition.field',
    schema.int32,
    (record) => record.kafkaPartition,
    ({ kafkaPartition }) => (kafkaPartition === null ? null : typedNumber('int32', kafkaPartition)),
  )
  add('offset.field', schema.int64, (record) => BigInt(offsetOf(record)), offsetOf)
  add(
    'timestamp.field',
    schema.timestamp,
    ({ timestamp }) => (timestamp === null ? null : new Date(timestamp)),
    (record) => record.timestamp,
  )
  add('static.field', schema.string, () => parsed['static.value'])
  return insertions
}

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const insertions = insertionsOf(parsed)
  if (insertions.length === 0) throw new ConnectError('config', 'No field insertion configured')
  if (parsed['static.field'] !== null && parsed['static.value'] === null)
    throw new ConnectError(
      'config',
      `Invalid value null for configuration static.value: No value specified for static field: ${parsed['static.field']}`,
    )
  const added: readonly FieldSchema[] = insertions
  const planOf = schemaMemo((given) => {
    const struct = requireStructSchema(given)
    return {
      schema: schema.struct([...struct.fields, ...added], basicsOf(struct)),
      make: structMaker(sameFields(struct, parsed['replace.null.with.default'])),
    }
  })
  return {
    apply(record) {
      const given = side.valueOf(record)
      if (given === null) return record
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) {
        const map = copyOf(requireMap(given, PURPOSE))
        for (const { name, schemaless } of insertions) {
          const value = schemaless(record)
          if (value !== null) setEntry(map, name, value)
        }
        return side.changed(record, null, map)
      }
      const struct = requireStruct(givenSchema, given, PURPOSE)
      const plan = planOf(givenSchema)
      const value = plan.make(struct)
      for (const { name, typed } of insertions) {
        const item = typed(record)
        if (item !== null) setField(value, name, item)
      }
      return side.changed(record, plan.schema, value)
    },
  }
}

export const { key: InsertFieldKey, value: InsertFieldValue } = onEitherSide('InsertField', config, open)
