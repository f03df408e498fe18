import { dataError, decimal, type Schema, type StructSchema, type Value } from '@isthmus/sdk'
import {
  atField,
  DATE,
  DECIMAL,
  dateFromDays,
  decimalFromBytes,
  findField,
  TIME,
  TIMESTAMP,
  timeFromMs,
  timestampFromMs,
} from '@isthmus/sdk/data'
import { parseDecimal } from '@isthmus/sdk/java'
import { NumberText } from './decode.ts'

/** JSON as parsed to the value its schema says. `undefined` stands for an absent field. */
export type Read = (json: unknown) => Value

/** Thrown by a reader of plain JSON for a number that it needs as text; the same data is then parsed and read exactly. */
export const NEEDS_EXACT = Symbol('needs exact numbers')

interface ReadOptions {
  readonly replaceNullWithDefault: boolean
  /** Whether numbers come from `parseExact`. */
  readonly exact: boolean
}

/** Composes the reader of a schema, once. */
export function compileRead(schema: Schema, options: ReadOptions): Read {
  const read = presentReader(schema, options)
  const absent = absentReader(schema, options)
  return (json) => (json === null || json === undefined ? absent() : read(json))
}

function absentReader(schema: Schema, options: ReadOptions): () => Value {
  const { default: fallback } = schema
  if (fallback !== undefined && fallback !== null && options.replaceNullWithDefault) return () => fallback
  if (schema.optional) return () => null
  return () => {
    throw dataError(`Invalid null value for required ${schema.type.toUpperCase()} field`)
  }
}

/** The kind of JSON, named as Java's messages name it. */
function nodeType(json: unknown): string {
  if (json === null || json === undefined) return 'NULL'
  if (json instanceof NumberText) return 'NUMBER'
  return Array.isArray(json) ? 'ARRAY' : (typeof json).toUpperCase()
}

/** Java turns most misfits into 0, false, null or the low bits; here the record is bad data. */
function misfit(type: string, json: unknown): Error {
  const shown = json instanceof NumberText ? json.text : JSON.stringify(json)
  const excerpt = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown
  return dataError(`Invalid ${type} field: found ${nodeType(json)} ${excerpt}`)
}

function presentReader(schema: Schema, options: ReadOptions): Read {
  const logical = logicalReader(schema, options)
  if (logical !== null) return logical
  const type = schema.type.toUpperCase()
  switch (schema.type) {
    case 'boolean':
    case 'string': {
      const expected = schema.type
      return (json) => {
        if (typeof json === expected) return json as Value
        throw misfit(type, json)
      }
    }
    case 'int8':
    case 'int16':
    case 'int32':
      return intReader(type, 2 ** (Number(schema.type.slice(3)) - 1))
    case 'int64':
      return (json) => readLong(type, json, options)
    case 'float32':
      return (json) => Math.fround(readDouble(type, json))
    case 'float64':
      return (json) => readDouble(type, json)
    case 'bytes':
      return (json) => readBytes(json) ?? fail(typeof json === 'string' ? invalidBytes() : misfit(type, json))
    case 'array': {
      const read = innerReader(schema.items, options)
      return (json) => {
        if (!Array.isArray(json)) throw misfit(type, json)
        try {
          return json.map(read)
        } catch (error) {
          throw findField(
            error,
            json.map((item, index) => [index, () => read(item)]),
          )
        }
      }
    }
    case 'map':
      return mapReader(innerReader(schema.keys, options), innerReader(schema.values, options), schema.keys)
    case 'struct':
      return structReader(schema, options)
  }
}

const innerReader = (schema: Schema | null, options: ReadOptions): Read =>
  schema === null ? (json) => json as Value : compileRead(schema, options)

const fail = (error: Error): never => {
  throw error
}
const invalidBytes = () => dataError('Invalid bytes field')

function intReader(type: string, bound: number): Read {
  return (json) => {
    const number = json instanceof NumberText ? Number(json.text) : json
    if (typeof number === 'number' && Number.isInteger(number) && number >= -bound && number < bound)
      return number + 0
    throw misfit(type, json)
  }
}

function readLong(type: string, json: unknown, options: ReadOptions): bigint {
  if (typeof json === 'number') {
    if (Number.isSafeInteger(json)) return BigInt(json)
    if (!options.exact) throw NEEDS_EXACT
  }
  if (json instanceof NumberText) {
    const number = parseDecimal(json.text)
    if (number !== null && Math.abs(number.scale) < 400) {
      const unit = 10n ** BigInt(Math.abs(number.scale))
      const whole = number.scale <= 0 ? number.unscaled * unit : number.unscaled / unit
      if ((number.scale <= 0 || whole * unit === number.unscaled) && BigInt.asIntN(64, whole) === whole)
        return whole
    }
  }
  throw misfit(type, json)
}

/** `"NaN"` and `"Infinity"` are what the writer makes of those; adding 0 turns -0.0 into 0.0, as Java reads it. */
function readDouble(type: string, json: unknown): number {
  if (typeof json === 'number') return json + 0
  if (json instanceof NumberText) return Number(json.text) + 0
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json)
  throw misfit(type, json)
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Null unless it is padded base64 of the standard alphabet. */
function readBytes(json: unknown): Uint8Array | null {
  return typeof json === 'string' && BASE64.test(json) ? Buffer.from(json, 'base64') : null
}

function mapReader(readKey: Read, readValue: Read, keys: Schema | null): Read {
  if (keys === null || keys.type === 'string')
    return (json) => {
      if (nodeType(json) !== 'OBJECT')
        throw dataError(
          `Maps with string fields should be encoded as JSON objects, but found ${nodeType(json)}`,
        )
      const map = new Map<Value, Value>()
      let at = ''
      try {
        for (const [name, item] of Object.entries(json as object)) {
          at = name
          map.set(name, readValue(item))
        }
      } catch (error) {
        throw atField(error, at)
      }
      return map
    }
  return (json) => {
    if (!Array.isArray(json))
      throw dataError(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${nodeType(json)}`,
      )
    const map = new Map<Value, Value>()
    for (const entry of json) {
      if (!Array.isArray(entry))
        throw dataError(`Found invalid map entry instead of array tuple: ${nodeType(entry)}`)
      if (entry.length !== 2)
        throw dataError(`Found invalid map entry, expected length 2 but found :${entry.length}`)
      map.set(readKey(entry[0]), readValue(entry[1]))
    }
    return map
  }
}

/** The code is written for the schema: names that are constants are read and set several times as fast as in a loop. */
function structReader(schema: StructSchema, options: ReadOptions): Read {
  const reads = schema.fields.map((field) => compileRead(field.schema, options))
  const lines = schema.fields.map((field, index) => {
    const key = JSON.stringify(field.name)
    const given = field.name in Object.prototype ? `own(json, ${key})` : `json[${key}]`
    // only a computed name makes a property of __proto__
    return `${field.name === '__proto__' ? `[${key}]` : key}: ${usually(field.schema, given, `read${index}`)}`
  })
  const names = reads.map((_, index) => `read${index} = reads[${index}]`)
  const code = `${names.length > 0 ? `const ${names.join(', ')}\n` : ''}return (json) => {\nlet v\nreturn { ${lines.join(',\n')} }\n}`
  const own = (json: object, name: string) => (Object.hasOwn(json, name) ? Reflect.get(json, name) : null)
  const make = new Function('reads', 'own', code)(reads, own) as Read
  return (json) => {
    if (typeof json !== 'object' || Array.isArray(json) || json instanceof NumberText)
      throw dataError(`Structs should be encoded as JSON objects, but found ${nodeType(json)}`)
    try {
      return make(json)
    } catch (error) {
      throw findField(
        error,
        schema.fields.map(({ name }, index) => [name, () => reads[index]?.(own(json as object, name))]),
      )
    }
  }
}

/** The code that reads a field: what nearly all values of its type are is found without a call. */
function usually({ type, name }: Schema, given: string, read: string): string {
  const otherwise = (usual: string, value: string) => `${usual} ? ${value} : ${read}(v)`
  if (name === undefined) {
    if (type === 'string') return otherwise(`typeof (v = ${given}) === 'string'`, 'v')
    if (type === 'boolean') return otherwise(`typeof (v = ${given}) === 'boolean'`, 'v')
    if (type === 'float64') return otherwise(`typeof (v = ${given}) === 'number'`, 'v + 0')
    if (type === 'int64') return otherwise(`Number.isSafeInteger(v = ${given})`, 'BigInt(v)')
  }
  return `${read}(${given})`
}

function logicalReader(schema: Schema, options: ReadOptions): Read | null {
  switch (schema.name) {
    case DECIMAL:
      return decimalReader(schema, options)
    case DATE:
      return (json) => dateFromDays(schema, readDays('Date', json))
    case TIME:
      return (json) => timeFromMs(schema, readDays('Time', json))
    case TIMESTAMP:
      return (json) => {
        if (Number.isInteger(json instanceof NumberText ? Number(json.text) : json))
          return timestampFromMs(schema, readLong('Timestamp', json, options))
        throw dataError(
          `Invalid type for Timestamp, underlying representation should be integral but was ${nodeType(json)}`,
        )
      }
    default:
      return null
  }
}

function decimalReader(schema: Schema, options: ReadOptions): Read {
  return (json) => {
    if (typeof json === 'number') {
      if (!options.exact) throw NEEDS_EXACT
      return decimal(BigInt(json), 0)
    }
    if (json instanceof NumberText) {
      const value = parseDecimal(json.text)
      if (value !== null) return value
    }
    if (typeof json !== 'string')
      throw dataError(
        `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(json)}`,
      )
    try {
      return decimalFromBytes(schema, readBytes(json) ?? new Uint8Array(0))
    } catch (cause) {
      throw dataError('Invalid bytes for Decimal field', { cause })
    }
  }
}

/** A whole number, also when it is written as 1.0: plain parsing cannot tell. */
function readDays(name: string, json: unknown): number {
  const number = json instanceof NumberText ? Number(json.text) : json
  if (typeof number === 'number' && (number | 0) === number) return number + 0
  throw dataError(
    `Invalid type for ${name}, underlying representation should be integer but was ${nodeType(json)}`,
  )
}
