import {
  type ConnectRecord,
  dataError,
  type Schema,
  type SinkRecord,
  type StructSchema,
  type Value,
} from '@isthmus/sdk'
import { kindOf } from '@isthmus/sdk/data'
import { javaClassOf } from '@isthmus/sdk/java'

/** The fields of a struct, or of a map without a schema that is an object. */
export type Fields = { readonly [name: string]: Value }
/** A map without a schema. */
export type FieldMap = Fields | ReadonlyMap<Value, Value>

/** What a transform asks of the data it is given, and how it says no: in Java's words. `purpose` names the transform there. */
export function requireMap(value: Value, purpose: string): FieldMap {
  if (kindOf(value) !== 'map')
    throw dataError(
      `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassOf(value)}`,
    )
  return value as FieldMap
}

export function requireStruct(schema: Schema, value: Value, purpose: string): Fields {
  if (schema.type !== 'struct' || value instanceof Map || kindOf(value) !== 'map')
    throw dataError(
      `Only Struct objects supported for [${purpose}], found: ${javaClassOf(value, isMap(value) ? null : schema)}`,
    )
  return value as Fields
}

const isMap = (value: Value): boolean => value instanceof Map

/** Where Java lists the fields of a schema: one that is no struct has none to list. */
export function requireStructSchema(schema: Schema): StructSchema {
  if (schema.type !== 'struct') throw dataError('Cannot list fields on non-struct type')
  return schema
}

export function requireSchema(schema: Schema | null, purpose: string): Schema {
  if (schema === null) throw dataError(`Schema required for [${purpose}]`)
  return schema
}

export function requireSinkRecord(record: ConnectRecord, purpose: string): SinkRecord {
  if (!('kafkaOffset' in record))
    throw dataError(
      `Only SinkRecord supported for [${purpose}], found: org.apache.kafka.connect.source.SourceRecord`,
    )
  return record as SinkRecord
}
