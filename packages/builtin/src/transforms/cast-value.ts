import { type Decimal, dataError, type Schema, type Value } from '@isthmus/sdk'
import {
  DATE,
  dateToDays,
  kindOf,
  TIME,
  TIMESTAMP,
  type TypedNumber,
  timestampToMs,
  timeToMs,
  typedNumber,
} from '@isthmus/sdk/data'
import {
  dateLikeText,
  decimalToLong,
  decimalToNumber,
  floatOfLong,
  javaClassOf,
  javaText,
  longOfDouble,
  parseJavaDouble,
  parseJavaFloat,
  parseJavaInteger,
} from '@isthmus/sdk/java'

export const OUTPUT_TYPES = [
  'int8',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'boolean',
  'string',
] as const
export type OutputType = (typeof OUTPUT_TYPES)[number]
const INPUT_TYPES: readonly string[] = [...OUTPUT_TYPES, 'bytes']

export const shownTypes = (types: readonly string[]): string => `[${types.join(', ').toUpperCase()}]`

/** Casts one value; `given` is its schema, or null when there is none, and then the result says its own kind. */
export type Caster = (value: Value) => Value

/** The cast of values of a schema to a type, chosen once. Null stays null. */
export function casterOf(given: Schema | null, target: OutputType): Caster {
  if (given === null) return (value) => (value === null ? null : castSchemaless(value, target))
  if (!INPUT_TYPES.includes(given.type)) return (value) => (value === null ? null : refuse(given.type))
  if (target === 'string') return (value) => (value === null ? null : textOf(value, given))
  const encode = ENCODERS[given.name ?? '']
  return encode === undefined
    ? (value) => (value === null ? null : cast(value, given, target))
    : (value) => (value === null ? null : cast(encode(given, value as Date), null, target))
}

/** What dates are underneath. */
const ENCODERS: { readonly [name: string]: (schema: Schema, value: Date) => Value } = {
  [DATE]: dateToDays,
  [TIME]: timeToMs,
  [TIMESTAMP]: timestampToMs,
}

function refuse(type: string): never {
  throw dataError(
    `Cast transformation does not support casting from ${type.toUpperCase()}; supported types are ${shownTypes(INPUT_TYPES)}`,
  )
}

function castSchemaless(value: Value, target: OutputType): Value {
  const kind = kindOf(value)
  if (kind === 'date' || kind === 'decimal')
    throw dataError(
      `Cast transformation was passed a value of type class ${javaClassOf(value)} which is not supported by Connect's data API`,
    )
  if (kind === 'list') refuse('array')
  if (kind === 'map') refuse('map')
  if (target === 'string') return textOf(value, null)
  const result = cast(value, null, target)
  if (typeof result !== 'number') return result
  // A plain number without a schema is an int64, or a float64 if it cannot be one.
  return target === 'float64' && kindOf(result) === 'float64' ? result : typedNumber(target as 'int8', result)
}

function textOf(value: Value, given: Schema | null): string {
  if (value instanceof Date) return dateLikeText(value)
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  return javaText(value, given)
}

function cast(value: Value, given: Schema | null, target: OutputType): Value {
  switch (target) {
    case 'int8':
    case 'int16':
    case 'int32':
      return intOf(value, given, target)
    case 'int64':
      return longOf(value, given)
    case 'float32':
      return floatingOf(value, given, true)
    case 'float64':
      return floatingOf(value, given, false)
    case 'boolean':
      return booleanOf(value, given)
    case 'string':
      return textOf(value, given)
  }
}

const narrowTo = (value: number, type: 'int8' | 'int16' | 'int32'): number =>
  type === 'int8' ? (value << 24) >> 24 : type === 'int16' ? (value << 16) >> 16 : value | 0

/** Whether a number without a kind of its own is whole because it must be: then its high bits are cut off. */
const isFloating = (given: Schema | null): boolean => given?.type === 'float32' || given?.type === 'float64'

function intOf(value: Value, given: Schema | null, type: 'int8' | 'int16' | 'int32'): number {
  const number = numberIn(value, given)
  if (typeof number === 'number') return narrowTo(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, number)), type)
  if (number !== null) return narrowTo(Number(BigInt.asIntN(32, number)), type)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value !== 'string') throw unexpected(value)
  const parsed = shortInteger(value) ?? Number(parseJavaInteger(value) ?? Number.NaN)
  if (narrowTo(parsed, type) !== parsed) throw outOfRange(value)
  return parsed
}

function longOf(value: Value, given: Schema | null): bigint {
  const number = numberIn(value, given)
  if (number !== null) return typeof number === 'bigint' ? number : longOfDouble(number)
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value !== 'string') throw unexpected(value)
  const parsed = parseJavaInteger(value)
  if (parsed === null || BigInt.asIntN(64, parsed) !== parsed) throw outOfRange(value)
  return parsed
}

function booleanOf(value: Value, given: Schema | null): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  const number = numberIn(value, given)
  if (number === null) throw unexpected(value)
  return typeof number === 'bigint' ? number !== 0n : Math.trunc(number) !== 0 && !Number.isNaN(number)
}

function floatingOf(value: Value, given: Schema | null, single: boolean): number {
  if (typeof value === 'bigint') return single ? floatOfLong(value) : Number(value)
  if (typeof value === 'number') return single ? Math.fround(value) : value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    const parsed = single ? parseJavaFloat(value) : parseJavaDouble(value)
    if (parsed === null) throw outOfRange(value)
    return parsed
  }
  const kind = kindOf(value)
  if (kind === 'decimal')
    return single ? (parseJavaFloat(javaText(value, given)) ?? Number.NaN) : decimalToNumber(value as Decimal)
  if (kind === 'bytes' || kind === 'date') throw unexpected(value)
  const { number } = value as TypedNumber
  return single ? Math.fround(number) : number
}

/**
 * The number in a value: a bigint where Java cuts off the high bits (whole numbers, decimals), a number where it takes the nearest
 * one that fits (floating point); null for what is no number.
 */
function numberIn(value: Value, given: Schema | null): number | bigint | null {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') {
    if (isFloating(given)) return value
    return given === null && !Number.isSafeInteger(value) ? value : wholeNumber(value)
  }
  switch (kindOf(value)) {
    case 'decimal':
      return decimalToLong(value as Decimal)
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return (value as TypedNumber).number
    default:
      return null
  }
}

/** Within 32 bits both ways of narrowing are one, and numbers are cheaper than bigints. */
const wholeNumber = (value: number): number | bigint => ((value | 0) === value ? value : BigInt(value))

/** Text of so few digits is exact as a number; null for any other. */
const shortInteger = (text: string): number | null =>
  /^[+-]?[0-9]{1,9}$/.test(text) ? Number(text) + 0 : null

const outOfRange = (value: Value): Error =>
  dataError(`Value (${javaText(value)}) was out of range for requested data type`)

const unexpected = (value: Value): Error =>
  dataError(`Unexpected type in Cast transformation: class ${javaClassOf(value)}`)
