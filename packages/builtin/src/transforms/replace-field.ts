import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  dataError,
  type Schema,
  schema,
  setField,
  type Transform,
  type Value,
  validList,
} from '@isthmus/sdk'
import { javaClassOf } from '@isthmus/sdk/java'
import { replaceNull } from './replace-null.ts'
import { type FieldMap, type Fields, requireMap, requireStruct, requireStructSchema } from './requirements.ts'
import { schemaMemo } from './schema-memo.ts'
import { onEitherSide, type Side } from './side.ts'
import { pairsValidator, splitPair } from './spec-pairs.ts'
import { basicsOf, readerOf } from './struct-fields.ts'
import { structMaker } from './struct-maker.ts'

const PURPOSE = 'field replacement'

const config = {
  exclude: {
    type: 'list',
    default: [],
    validate: validList(),
    importance: 'medium',
    doc: 'Fields to leave out, whatever include says.',
  },
  include: {
    type: 'list',
    default: [],
    validate: validList(),
    importance: 'medium',
    doc: 'Fields to keep. If there are any, all others are left out.',
  },
  renames: {
    type: 'list',
    default: [],
    validate: pairsValidator((mappings) => void renamesOf(mappings)),
    importance: 'medium',
    doc: 'New names of fields, as pairs old:new. The other properties speak of the old names.',
  },
  ...replaceNull,
} as const satisfies ConfigDef

function renamesOf(mappings: readonly string[] | null): ReadonlyMap<string, string> {
  if (mappings === null) throw new ConnectError('config', "Configuration 'renames' values must not be null.")
  return new Map(mappings.map((mapping) => splitPair(mapping, mappings)))
}

function open(parsed: ConfigOf<typeof config>, side: Side): Transform {
  const exclude = new Set(parsed.exclude)
  const include = new Set(parsed.include)
  const renames = renamesOf(parsed.renames)
  const oldNames = new Map([...renames].map(([old, renamed]) => [renamed, old]))
  const keeps = (name: string) => !exclude.has(name) && (include.size === 0 || include.has(name))
  const newNames = new Map<string, string | null>()
  for (const name of [...include, ...renames.keys(), ...exclude])
    newNames.set(name, keeps(name) ? (renames.get(name) ?? name) : null)
  /** Null for a field that is left out. */
  const newNameOf = (name: string): string | null => {
    const known = newNames.get(name)
    return known !== undefined ? known : include.size === 0 ? name : null
  }

  const planOf = schemaMemo((given: Schema) => {
    const { fields } = requireStructSchema(given)
    const kept = fields
      .filter(({ name }) => keeps(name))
      .map(({ name, schema: field }) => {
        const from = readerOf(name, field, parsed['replace.null.with.default'])
        return { name: renames.get(name) ?? name, schema: field, from }
      })
    const changed = schema.struct(
      kept.map((field) => ({ name: field.name, schema: field.schema })),
      basicsOf(given),
    )
    // As in Java, a field that has the new name of another must have come from that one.
    for (const { name, from } of kept) {
      const source = oldNames.get(name) ?? name
      if (source !== from.name) throw dataError(`${source} is not a valid field name`)
    }
    return { schema: changed, make: structMaker(kept) }
  })

  const replaced = (map: FieldMap): Value => {
    const value: { [name: string]: Value } = {}
    if (map instanceof Map) {
      for (const [name, item] of map) {
        if (typeof name !== 'string')
          throw dataError(`class ${javaClassOf(name)} cannot be cast to class java.lang.String`)
        const renamed = newNameOf(name)
        if (renamed !== null) setField(value, renamed, item)
      }
      return value
    }
    for (const name in map as Fields) {
      const renamed = newNameOf(name)
      if (renamed !== null) setField(value, renamed, (map as Fields)[name] ?? null)
    }
    return value
  }

  return {
    apply(record) {
      const given = side.valueOf(record)
      if (given === null) return record
      const givenSchema = side.schemaOf(record)
      if (givenSchema === null) return side.changed(record, null, replaced(requireMap(given, PURPOSE)))
      const struct = requireStruct(givenSchema, given, PURPOSE)
      const plan = planOf(givenSchema)
      return side.changed(record, plan.schema, plan.make(struct))
    },
  }
}

export const { key: ReplaceFieldKey, value: ReplaceFieldValue } = onEitherSide('ReplaceField', config, open)
