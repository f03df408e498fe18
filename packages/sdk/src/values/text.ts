import { dataError } from '../errors.ts'
import { dateText, timeText } from '../java/date.ts'
import { javaClassOf, numberObjectText, numberText } from '../java/text.ts'
import {
  type Decimal,
  entriesOf,
  fieldOf,
  NUMBER_KIND,
  type Schema,
  type TypedNumber,
  type Value,
} from '../schema/schema.ts'

const DAY_MS = 86_400_000

/** Text that `parseString` reads back (Java's `Values.convertToString`); strings are themselves, unless inside a list or map. */
export function convertToString(schema: Schema | null, value: Value): string | null {
  return value === null ? null : textOf(schema, value, false)
}

function textOf(schema: Schema | null, value: Value, embedded: boolean): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      return embedded ? quoted(value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')) : value
    case 'number':
      return numberText(value, schema)
    case 'bigint':
    case 'boolean':
      return String(value)
  }
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    return embedded ? quoted(base64) : base64
  }
  if (value instanceof Date) return dateLikeText(value)
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null
    return `[${value.map((item: Value) => textOf(items, item, true)).join(',')}]`
  }
  if ((value as Partial<Decimal>)[NUMBER_KIND] !== undefined)
    return numberObjectText(value as Decimal | TypedNumber)
  if (schema?.type === 'struct') return structText(schema, value as { readonly [name: string]: Value })
  const { keys, values } = schema?.type === 'map' ? schema : { keys: null, values: null }
  const entries = entriesOf(value).map(
    ([key, item]) => `${textOf(keys, key, true)}:${textOf(values, item, true)}`,
  )
  return `{${entries.join(',')}}`
}

function structText(schema: Schema & { type: 'struct' }, value: { readonly [name: string]: Value }): string {
  if (typeof value !== 'object')
    throw dataError(`Failed to serialize unexpected value type ${javaClassOf(value)}: ${String(value)}`)
  const fields = schema.fields.map(({ name, schema: field }) => {
    const item = fieldOf(value, name) ?? field.default ?? null
    return `${textOf(null, name, true)}:${textOf(field, item, true)}`
  })
  return `{${fields.join(',')}}`
}

const quoted = (text: string): string => `"${text}"`

/** A date looks like a time before 1970-01-02 and like a date at midnight: Java decides by the value, not by the schema. */
export function dateLikeText(value: Date): string {
  const ms = value.getTime()
  if (ms < DAY_MS) return timeText(value)
  return ms % DAY_MS === 0 ? dateText(value) : `${dateText(value)}T${timeText(value)}`
}
