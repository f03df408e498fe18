import { type Decimal, dataError, fieldOf, type Schema, type StructSchema, type Value } from '@isthmus/sdk'
import { valueFault } from '@isthmus/sdk/checks'
import {
  atField,
  DATE,
  DECIMAL,
  dateToDays,
  decimalToBytes,
  entriesOf,
  findField,
  fits,
  kindOf,
  NUMBER_KIND,
  TIME,
  TIMESTAMP,
  type TypedNumber,
  timestampToMs,
  timeToMs,
} from '@isthmus/sdk/data'
import { decimalText, javaClassOf } from '@isthmus/sdk/java'
import { asBuffer } from '../as-buffer.ts'
import { doubleJson, floatJson, quoted } from './text.ts'

/** A value as JSON text. */
export type Write = (value: Value | undefined) => string

export interface WriteOptions {
  readonly replaceNullWithDefault: boolean
  readonly decimalFormat: 'BASE64' | 'NUMERIC'
}

/** Composes the writer of a schema, once. */
export function compileWrite(schema: Schema | null, options: WriteOptions): Write {
  if (schema === null) return writeSchemaless
  const write = presentWriter(schema, options)
  const absent = absentWriter(schema, write, options)
  return (value) => (value === null || value === undefined ? absent() : write(value))
}

function absentWriter(schema: Schema, write: Write, options: WriteOptions): () => string {
  const { default: fallback } = schema
  if (fallback !== undefined && fallback !== null && options.replaceNullWithDefault)
    return () => write(fallback)
  if (schema.optional) return () => 'null'
  return () => {
    throw dataError('Conversion error: null value for field that is required and has no default value')
  }
}

function misfit(schema: Schema, value: Value | undefined): Error {
  const type = schema.type.toUpperCase()
  if (schema.type === 'int64' && typeof value === 'number')
    return dataError(`Invalid type for INT64: the number ${value} where a bigint is needed`)
  return dataError(`Invalid type for ${type}: class ${javaClassOf(value)}`)
}

const base64 = (bytes: Uint8Array): string => asBuffer(bytes).toString('base64')

function presentWriter(schema: Schema, options: WriteOptions): Write {
  const logical = logicalWriter(schema, options)
  if (logical !== null) return logical
  switch (schema.type) {
    case 'string':
      return (value) => {
        if (typeof value === 'string') return quoted(value)
        throw misfit(schema, value)
      }
    case 'boolean':
      return (value) => {
        if (typeof value === 'boolean') return value ? 'true' : 'false'
        throw misfit(schema, value)
      }
    case 'float32':
    case 'float64': {
      const write = schema.type === 'float32' ? floatJson : doubleJson
      return (value) => {
        if (typeof value === 'number') return write(value)
        throw misfit(schema, value)
      }
    }
    case 'bytes':
      return (value) => {
        if (value instanceof Uint8Array) return `"${base64(value)}"`
        throw dataError(`Invalid type for bytes type: class ${javaClassOf(value)}`)
      }
    case 'array': {
      const write = compileWrite(schema.items, options)
      return (value) => {
        if (Array.isArray(value)) return listJson(value, write)
        throw misfit(schema, value)
      }
    }
    case 'map':
      return mapWriter(schema, options)
    case 'struct':
      return structWriter(schema, options)
    default:
      return (value) => {
        if (value !== undefined && fits(schema, value)) return value === 0 ? '0' : String(value)
        throw misfit(schema, value)
      }
  }
}

function listJson(list: readonly Value[], write: Write): string {
  let json = '['
  let index = 0
  try {
    for (; index < list.length; index++) json += (index === 0 ? '' : ',') + write(list[index])
  } catch (error) {
    throw atField(error, index)
  }
  return `${json}]`
}

function mapWriter(schema: Schema & { type: 'map' }, options: WriteOptions): Write {
  const writeKey = compileWrite(schema.keys, options)
  const writeItem = compileWrite(schema.values, options)
  const named = schema.keys === null || schema.keys.type === 'string'
  return (value) => {
    if (value === undefined || kindOf(value) !== 'map') throw misfit(schema, value)
    const entries = entriesOf(value)
    if (!named) return tuplesJson(entries, writeKey, writeItem)
    try {
      return `{${entries.map(([key, item]) => `${nameJson(key)}:${writeItem(item)}`).join(',')}}`
    } catch (error) {
      throw findField(
        error,
        entries.map(([key, item]) => [String(key), () => writeItem(item)]),
      )
    }
  }
}

const nameJson = (key: Value): string => {
  if (key === null) return '"null"'
  if (typeof key === 'string') return quoted(key)
  throw dataError(`Invalid type for STRING: class ${javaClassOf(key)}`)
}

const tuplesJson = (
  entries: readonly (readonly [Value, Value])[],
  writeKey: Write,
  writeItem: Write,
): string => `[${entries.map(([key, item]) => `[${writeKey(key)},${writeItem(item)}]`).join(',')}]`

function structWriter(schema: StructSchema, options: WriteOptions): Write {
  const fields = schema.fields.map(({ name, schema: field }, index) => ({
    name,
    inherited: name in Object.prototype,
    prefix: `${index === 0 ? '' : ','}${quoted(name)}:`,
    write: compileWrite(field, options),
  }))
  return (value) => {
    if (value === undefined || !fits(schema, value)) throw misfit(schema, value)
    const struct = value as { readonly [name: string]: Value }
    let json = '{'
    let at = ''
    try {
      for (const { name, inherited, prefix, write } of fields) {
        at = name
        json += prefix + write(inherited ? fieldOf(struct, name) : struct[name])
      }
    } catch (error) {
      throw atField(error, at)
    }
    return `${json}}`
  }
}

function logicalWriter(schema: Schema, options: WriteOptions): Write | null {
  const dated = (name: string, write: (value: Date) => string): Write => {
    return (value) => {
      if (value instanceof Date) return write(value)
      throw dataError(`Invalid type for ${name}, expected Date but was class ${javaClassOf(value, schema)}`)
    }
  }
  switch (schema.name) {
    case DATE:
      return dated('Date', (value) => String(dateToDays(schema, value)))
    case TIME:
      return dated('Time', (value) => String(timeToMs(schema, value)))
    case TIMESTAMP:
      return dated('Timestamp', (value) => String(timestampToMs(schema, value)))
    case DECIMAL:
      return (value) => {
        if (kindOf(value) !== 'decimal')
          throw dataError(
            `Invalid type for Decimal, expected BigDecimal but was class ${javaClassOf(value, schema)}`,
          )
        if (options.decimalFormat === 'NUMERIC') return decimalText(value as Decimal)
        return `"${base64(decimalToBytes(schema, value as Decimal))}"`
      }
    default:
      return null
  }
}

/** The names of fields repeat from record to record; quoting each once saves a third of the time. Bounded: names may be data. */
const quotedNames = new Map<string, string>()
function memberName(name: string): string {
  let json = quotedNames.get(name)
  if (json === undefined) {
    json = `${quoted(name)}:`
    if (quotedNames.size < 10_000) quotedNames.set(name, json)
  }
  return json
}

/** Data that says its own types. */
function writeSchemaless(value: Value | undefined): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : doubleJson(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'null'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return listJson(value, writeSchemaless)
  if (value instanceof Uint8Array) return `"${base64(value)}"`
  if (value instanceof Map) return schemalessMap(value)
  const kind = (value as Partial<TypedNumber | Decimal>)[NUMBER_KIND]
  if (kind !== undefined || value instanceof Date) return writeNumberObject(value as TypedNumber)
  let json = '{'
  const object = value as { readonly [name: string]: Value }
  let at = ''
  try {
    for (const name in object) {
      at = name
      if (Object.hasOwn(object, name))
        json += (json === '{' ? '' : ',') + memberName(name) + writeSchemaless(object[name])
    }
  } catch (error) {
    throw atField(error, at)
  }
  // what has no parts may have been something else than an empty object, which no reader would find again
  if (json === '{') {
    const fault = valueFault(object)
    if (fault !== null) throw dataError(`It${fault}`)
  }
  return `${json}}`
}

function schemalessMap(map: ReadonlyMap<Value, Value>): string {
  const entries = [...map]
  if (!entries.every(([key]) => typeof key === 'string'))
    return tuplesJson(entries, writeSchemaless, writeSchemaless)
  return `{${entries.map(([key, item]) => `${quoted(key as string)}:${writeSchemaless(item)}`).join(',')}}`
}

function writeNumberObject(value: TypedNumber): string {
  switch (kindOf(value)) {
    case 'float32':
      return floatJson(value.number)
    case 'float64':
      return doubleJson(value.number)
    case 'int8':
    case 'int16':
    case 'int32':
      return String(value.number)
    default:
      throw dataError(`Java class class ${javaClassOf(value)} does not have corresponding schema type.`)
  }
}
