import { dataError } from '../errors.ts'
import { decimalText, parseDecimal } from '../java/decimal-text.ts'
import { doubleText, floatText } from '../java/number-text.ts'
import {
  type Decimal,
  entriesOf,
  fieldOf,
  kindOf,
  type Schema,
  setField,
  type TypedNumber,
  typedNumber,
  type Value,
} from '../schema/schema.ts'

/**
 * Typed data as JSON, for recorded cases: strings, booleans, null and lists stand for themselves, everything else is an object with
 * one property, the Java type: `{"int32":"5"}`, `{"float64":"1.0E10"}`, `{"decimal":"1.10"}`, `{"bytes":"hex"}`,
 * `{"date":ms}`, `{"map":[[key,value]…]}`, `{"struct":{…}}`. Map entries are sorted by the text of their keys.
 */
export type Tagged = null | boolean | string | readonly Tagged[] | { readonly [tag: string]: unknown }

export function toTagged(value: Value | undefined, schema: Schema | null): Tagged {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const kind =
    typeof value === 'number' && schema !== null && /^(int|float)/.test(schema.type)
      ? schema.type
      : kindOf(value)
  switch (kind) {
    case 'list': {
      const items = schema?.type === 'array' ? schema.items : null
      return (value as readonly Value[]).map((item) => toTagged(item, items))
    }
    case 'bytes':
      return { bytes: Buffer.from(value as Uint8Array).toString('hex') }
    case 'date':
      return { date: (value as Date).getTime() }
    case 'decimal':
      return { decimal: decimalText(value as Decimal) }
    case 'map':
      return schema?.type === 'struct' ? structTagged(value, schema) : mapTagged(value, schema)
    default:
      return { [kind]: numberTagged(kind, value as number | bigint | TypedNumber) }
  }
}

function numberTagged(kind: string, value: number | bigint | TypedNumber): string {
  const number = typeof value === 'object' ? value.number : value
  if (typeof number === 'bigint') return String(number)
  if (kind === 'float32') return floatText(number)
  return kind === 'float64' ? doubleText(number) : String(BigInt(number))
}

function structTagged(value: Value, schema: Schema & { type: 'struct' }): Tagged {
  const fields = schema.fields.map((field) => [
    field.name,
    toTagged(fieldOf(value as { [name: string]: Value }, field.name), field.schema),
  ])
  return { struct: Object.fromEntries(fields) }
}

function mapTagged(value: Value, schema: Schema | null): Tagged {
  const { keys, values } = schema?.type === 'map' ? schema : { keys: null, values: null }
  const entries = entriesOf(value).map(([key, item]): readonly Tagged[] => [
    toTagged(key, keys),
    toTagged(item, values),
  ])
  const sortKey = (entry: readonly Tagged[]) => JSON.stringify(entry[0])
  return { map: entries.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)) }
}

/** The value that tagged JSON stands for under its schema; kinds that the schema already says become plain. */
export function fromTagged(tagged: Tagged | undefined, schema: Schema | null): Value {
  if (tagged === null || tagged === undefined) return null
  if (typeof tagged !== 'object') return tagged
  if (Array.isArray(tagged)) {
    const items = schema?.type === 'array' ? schema.items : null
    return tagged.map((item: Tagged) => fromTagged(item, items))
  }
  const [[tag, content] = ['', null]] = Object.entries(tagged)
  switch (tag) {
    case 'int64':
      return schema?.type === 'int64' ? BigInt(content as string) : narrow(BigInt(content as string))
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return schema?.type === tag ? plainOf(tag, Number(content)) : typedNumber(tag, Number(content))
    case 'decimal':
      return parseDecimal(content as string)
    case 'bytes':
      return Uint8Array.from(Buffer.from(content as string, 'hex'))
    case 'date':
      return new Date(content as number)
    case 'map':
      return mapFromTagged(content as readonly (readonly [Tagged, Tagged])[], schema)
    case 'struct': {
      const struct: { [name: string]: Value } = {}
      const fields = schema?.type === 'struct' ? schema.fields : []
      for (const [name, item] of Object.entries(content as { [name: string]: Tagged }))
        setField(struct, name, fromTagged(item, fields.find((field) => field.name === name)?.schema ?? null))
      return struct
    }
    default:
      throw dataError(`Unknown tag ${tag}`)
  }
}

const plainOf = (tag: string, number: number): number => (tag === 'float32' ? Math.fround(number) : number)
const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

function mapFromTagged(entries: readonly (readonly [Tagged, Tagged])[], schema: Schema | null): Value {
  const { keys, values } = schema?.type === 'map' ? schema : { keys: null, values: null }
  return new Map(entries.map(([key, item]) => [fromTagged(key, keys), fromTagged(item, values)]))
}

/** A schema as recorded: like ours, but defaults are tagged. */
export type TaggedSchema = { readonly [property: string]: unknown } | null

export function schemaFromTagged(tagged: TaggedSchema): Schema | null {
  if (tagged === null || tagged === undefined) return null
  const schema: { [property: string]: unknown } = { optional: false, ...tagged }
  for (const inner of ['items', 'keys', 'values'])
    if (inner in schema) schema[inner] = schemaFromTagged(schema[inner] as TaggedSchema)
  if (Array.isArray(schema['fields']))
    schema['fields'] = schema['fields'].map((field: { name: string; schema: TaggedSchema }) => ({
      name: field.name,
      schema: schemaFromTagged(field.schema),
    }))
  const plain = schema as unknown as Schema
  return plain.default === undefined
    ? plain
    : ({ ...plain, default: fromTagged(schema['default'] as Tagged, plain) } as Schema)
}

export function schemaToTagged(schema: Schema | null): TaggedSchema {
  if (schema === null) return null
  const tagged: { [property: string]: unknown } = { ...schema }
  if (schema.default !== undefined) tagged['default'] = toTagged(schema.default, schema)
  if (schema.type === 'array') tagged['items'] = schemaToTagged(schema.items)
  if (schema.type === 'map') {
    tagged['keys'] = schemaToTagged(schema.keys)
    tagged['values'] = schemaToTagged(schema.values)
  }
  if (schema.type === 'struct')
    tagged['fields'] = schema.fields.map((field) => ({
      name: field.name,
      schema: schemaToTagged(field.schema),
    }))
  return tagged
}
