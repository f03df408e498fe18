import { dataError } from '../errors.ts'
import { calendarFields, epochMs } from '../java/date.ts'
import { decimalOfNumber, decimalToLong, decimalToNumber, parseDecimal } from '../java/decimal-text.ts'
import { longOfDouble } from '../java/narrowing.ts'
import { javaClassOf, javaText, schemaText } from '../java/text.ts'
import type { SchemaAndValue } from '../plugin.ts'
import {
  dateFromDays,
  dateToDays,
  decimalFromBytes,
  decimalToBytes,
  timeFromMs,
  timestampFromMs,
  timestampToMs,
  timeToMs,
} from '../schema/logical.ts'
import { DATE, DECIMAL, TIME, TIMESTAMP } from '../schema/names.ts'
import { type Decimal, kindOf, type Schema, type TypedNumber, type Value } from '../schema/schema.ts'
import { convertToString } from './text.ts'

const DAY_MS = 86_400_000

/** How text is read where the target asks for something else. */
export type ParseText = (text: string) => SchemaAndValue

/** `convertTo` with the reading of text left open: the reader of text itself needs conversions. */
export function convertWith(parse: ParseText, to: Schema, from: Schema | null, value: Value): Value {
  if (value === null || value === undefined) {
    if (to.optional) return null
    throw dataError('Unable to convert a null value to a schema that requires a value')
  }
  switch (to.name) {
    case DECIMAL:
      return toDecimal(to, from, value)
    case DATE:
    case TIME:
    case TIMESTAMP:
      return toTemporal(parse, to, from, value)
  }
  switch (to.type) {
    case 'bytes':
      if (value instanceof Uint8Array) return value
      if (kindOf(value) === 'decimal') return decimalToBytes(to, value as Decimal)
      throw unable(value, from, schemaText(to))
    case 'string':
      return convertToString(from, value)
    case 'boolean':
      return toBoolean(parse, from, value)
    case 'int8':
    case 'int16':
    case 'int32':
      return Number(BigInt.asIntN(Number(to.type.slice(3)), toLong(from, value)))
    case 'int64':
      return toLong(from, value)
    case 'float32':
      return Math.fround(toDouble(from, value))
    case 'float64':
      return toDouble(from, value)
    case 'array':
      return ofKind('list', parse, to, from, value)
    case 'map':
      return ofKind('map', parse, to, from, value)
    case 'struct':
      if (kindOf(value) === 'map' && from?.type === 'struct') return value
      throw unable(value, from, schemaText(to))
  }
}

function unable(value: Value, from: Schema | null, to: string): Error {
  return dataError(`Unable to convert ${javaText(value, from)} (class ${javaClassOf(value, from)}) to ${to}`)
}

function ofKind(
  kind: 'list' | 'map',
  parse: ParseText,
  to: Schema,
  from: Schema | null,
  value: Value,
): Value {
  const parsed = typeof value === 'string' ? parse(value) : { schema: from, value }
  if (kindOf(parsed.value) === kind && parsed.schema?.type !== 'struct') return parsed.value
  throw unable(parsed.value, parsed.schema, schemaText(to))
}

function toBoolean(parse: ParseText, from: Schema | null, value: Value): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    const parsed = parse(value).value
    if (typeof parsed === 'boolean') return parsed
  }
  return toLong(from, value) !== 0n
}

/** `Number.longValue`: floating point is cut and kept within 64 bits, decimals and text lose their high bits. */
function toLong(from: Schema | null, value: Value): bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value)
  if (typeof value === 'number') return longOfDouble(value)
  const kind = kindOf(value)
  if (kind === 'decimal') return decimalToLong(value as Decimal)
  if (kind === 'float32' || kind.startsWith('int')) return longOfDouble((value as TypedNumber).number)
  if (kind === 'float64') return longOfDouble((value as TypedNumber).number)
  if (typeof value === 'string') {
    const number = parseDecimal(value)
    if (number !== null) return decimalToLong(number)
  }
  if (value instanceof Date) {
    if (from?.name === DATE) return BigInt(dateToDays(from, value))
    if (from?.name === TIME) return BigInt(timeToMs(from, value))
    if (from?.name === TIMESTAMP) return timestampToMs(from, value)
  }
  throw unable(value, from, from === null ? 'a number' : schemaText(from))
}

function toDouble(from: Schema | null, value: Value): number {
  if (typeof value === 'number') return value
  const kind = kindOf(value)
  if (kind === 'decimal') return decimalToNumber(value as Decimal)
  if (kind === 'float32' || kind === 'float64') return (value as TypedNumber).number
  if (typeof value === 'string') {
    const number = parseDecimal(value)
    if (number !== null) return decimalToNumber(number)
  }
  return Number(toLong(from, value))
}

function toDecimal(to: Schema, from: Schema | null, value: Value): Decimal {
  if (value instanceof Uint8Array) return decimalFromBytes(to, value)
  const kind = kindOf(value)
  if (kind === 'decimal') return value as Decimal
  if (typeof value === 'string') {
    const parsed = parseDecimal(value)
    if (parsed !== null) return parsed
    throw dataError(`Unable to convert ${value} (class java.lang.String) to ${schemaText(to)}`)
  }
  if (typeof value === 'number' || typeof value === 'bigint' || /^(?:int|float)/.test(kind)) {
    const parsed = decimalOfNumber(toDouble(null, value))
    if (parsed !== null) return parsed
  }
  throw unable(value, from, schemaText(to))
}

/** A date of another logical type keeps the part that both have; numbers are in the unit of the target. */
function toTemporal(parse: ParseText, to: Schema, from: Schema | null, given: Value): Date {
  const value = typeof given === 'string' ? parse(given).value : given
  if (value instanceof Date) {
    if (from === null || from.name === to.name) return value
    const ms = value.getTime()
    if (to.name === DATE && from.name === TIMESTAMP) return dateFromDays(to, Math.trunc(ms / DAY_MS))
    if (to.name === TIME && from.name === TIMESTAMP)
      return timeFromMs(to, epochMs({ ...calendarFields(ms), year: 1970, month: 1, day: 1 }))
    if (to.name === TIMESTAMP && from.name === DATE)
      return timestampFromMs(to, BigInt(dateToDays(from, value) * DAY_MS))
    if (to.name === TIMESTAMP && from.name === TIME) return timestampFromMs(to, BigInt(timeToMs(from, value)))
  }
  const number = toLong(from, value)
  if (to.name === TIMESTAMP) return timestampFromMs(to, number)
  const unit = Number(BigInt.asIntN(32, number))
  return to.name === DATE ? dateFromDays(to, unit) : timeFromMs(to, unit)
}
