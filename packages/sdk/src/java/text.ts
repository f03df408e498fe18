import type { ConnectRecord, Headers, SinkRecord, SourceRecord } from '../record.ts'
import {
  type Decimal,
  entriesOf,
  kindOf,
  NUMBER_KIND,
  type Schema,
  type TypedNumber,
  type Value,
} from '../schema/schema.ts'
import { dateToString } from './date.ts'
import { decimalText } from './decimal-text.ts'
import { doubleText, floatText } from './number-text.ts'
import { structTextOf } from './struct-text.ts'

/** `Schema{INT32}`, `Schema{name:STRUCT}`. */
export function schemaText(schema: Schema): string {
  const type = schema.type.toUpperCase()
  return schema.name === undefined ? `Schema{${type}}` : `Schema{${schema.name}:${type}}`
}

/** A value as Java's `toString` prints it: `{k=v}`, `[a, b]`, `1.0E10`; with a struct schema `Struct{a=1,c=1.0}`. */
export function javaText(value: Value | undefined, schema: Schema | null = null): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value, schema)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) {
    const items = schema?.type === 'array' ? schema.items : null
    return `[${value.map((item: Value) => javaText(item, items)).join(', ')}]`
  }
  if (value instanceof Uint8Array) return `[B@${contentHash(value)}`
  if (value instanceof Date) return dateToString(value)
  const kind = (value as Partial<Decimal | TypedNumber>)[NUMBER_KIND]
  if (kind !== undefined) return numberObjectText(value as Decimal | TypedNumber)
  if (schema?.type === 'struct')
    return structTextOf(schema, javaText)(value as { readonly [name: string]: Value })
  if (schema === null && !(value instanceof Map))
    return looseText(value as { readonly [name: string]: Value })
  const { keys, values } = schema?.type === 'map' ? schema : { keys: null, values: null }
  const entries = entriesOf(value).map(([key, item]) => `${javaText(key, keys)}=${javaText(item, values)}`)
  return `{${entries.join(', ')}}`
}

/** An object without a schema: nothing is made of it but its text. */
function looseText(value: { readonly [name: string]: Value }): string {
  let text = '{'
  for (const name in value) {
    if (text.length > 1) text += ', '
    text += `${name}=`
    const item = value[name]
    if (typeof item === 'string') text += item
    else if (typeof item === 'number') text += numberText(item, null)
    else text += javaText(item)
  }
  return `${text}}`
}

/** A JavaScript number as the kind of number its schema, or its own look, makes it. */
export function numberText(value: number, schema: Schema | null): string {
  if (schema?.type === 'float32') return floatText(value)
  if (schema?.type === 'float64') return doubleText(value)
  if (Number.isSafeInteger(value)) return String(value)
  return schema !== null && Number.isInteger(value) ? String(BigInt(value)) : doubleText(value)
}

export function numberObjectText(value: Decimal | TypedNumber): string {
  switch (value[NUMBER_KIND]) {
    case 'decimal':
      return decimalText(value as Decimal)
    case 'float32':
      return floatText((value as TypedNumber).number)
    case 'float64':
      return doubleText((value as TypedNumber).number)
    default:
      return String((value as TypedNumber).number)
  }
}

/** Java prints an array's identity; ours depends on the content alone, so that the same bytes read the same. */
function contentHash(bytes: Uint8Array): string {
  let hash = 1
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0
  return (hash >>> 0).toString(16)
}

const CLASSES: { readonly [kind: string]: string } = {
  null: 'null',
  boolean: 'java.lang.Boolean',
  int8: 'java.lang.Byte',
  int16: 'java.lang.Short',
  int32: 'java.lang.Integer',
  int64: 'java.lang.Long',
  float32: 'java.lang.Float',
  float64: 'java.lang.Double',
  decimal: 'java.math.BigDecimal',
  string: 'java.lang.String',
  bytes: '[B',
  date: 'java.util.Date',
  list: 'java.util.ArrayList',
  map: 'java.util.HashMap',
}

/** The Java class such a value has there, for messages: `java.lang.String`, `[B`. A schema tells structs and kinds of numbers. */
export function javaClassOf(value: Value | undefined, schema: Schema | null = null): string {
  const kind = kindOf(value)
  if (schema?.type === 'struct' && kind === 'map') return 'org.apache.kafka.connect.data.Struct'
  if (typeof value === 'number' && schema !== null && /^(int|float)/.test(schema.type))
    return CLASSES[schema.type] ?? 'java.lang.Number'
  return CLASSES[kind] ?? 'java.lang.Object'
}

function headersText(headers: Headers): string {
  const items = headers.map(
    ({ key, schema, value }) =>
      `ConnectHeader(key=${key}, value=${javaText(value, schema)}, schema=${schema ? schemaText(schema) : 'null'})`,
  )
  return `ConnectHeaders(headers=${items.length === 0 ? '' : `[${items.join(', ')}]`})`
}

/** A record as the error log shows it, in Java's words. */
export function recordText(record: ConnectRecord | SourceRecord | SinkRecord): string {
  const { topic, kafkaPartition, key, keySchema, value, valueSchema, timestamp } = record
  const base =
    `ConnectRecord{topic='${topic}', kafkaPartition=${kafkaPartition}, key=${javaText(key, keySchema)}, ` +
    `keySchema=${keySchema ? schemaText(keySchema) : 'null'}, value=${javaText(value, valueSchema)}, ` +
    `valueSchema=${valueSchema ? schemaText(valueSchema) : 'null'}, timestamp=${timestamp}, ` +
    `headers=${headersText(record.headers)}}`
  if ('sourcePartition' in record)
    return `SourceRecord{sourcePartition=${javaText(record.sourcePartition)}, sourceOffset=${javaText(record.sourceOffset)}} ${base}`
  if ('kafkaOffset' in record)
    return (
      `SinkRecord{kafkaOffset=${record.kafkaOffset}, timestampType=${record.timestampType}, ` +
      `originalTopic=${record.originalTopic}, originalKafkaPartition=${record.originalKafkaPartition}, ` +
      `originalKafkaOffset=${record.originalKafkaOffset}} ${base}`
    )
  return base
}
