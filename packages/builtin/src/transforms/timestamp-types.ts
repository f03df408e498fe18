import { ConnectError, dataError, type Schema, schema, type Value } from '@isthmus/sdk'
import { DATE, TIME, TIMESTAMP } from '@isthmus/sdk/data'
import { javaClassOf, schemaText } from '@isthmus/sdk/java'

/** The forms in which a time comes or goes. */
export type TimestampType = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'
export type UnixPrecision = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds'

const LOGICAL: { readonly [name: string]: TimestampType } = {
  [DATE]: 'Date',
  [TIME]: 'Time',
  [TIMESTAMP]: 'Timestamp',
}

/** Which form values of a schema have; null when it is none. */
export function timestampTypeOf({ name, type }: Schema): TimestampType | null {
  const logical = name === undefined ? undefined : LOGICAL[name]
  if (logical !== undefined) return logical
  if (type === 'string') return 'string'
  return type === 'int64' ? 'unix' : null
}

export const unknownType = (given: Schema) =>
  new ConnectError(
    'connect',
    `Schema ${schemaText(given)} does not correspond to a known timestamp type format`,
  )

const SCHEMAS: { readonly [T in TimestampType]: readonly [Schema, Schema] } = {
  string: [schema.string(), schema.string({ optional: true })],
  unix: [schema.int64(), schema.int64({ optional: true })],
  Date: [schema.date(), schema.date({ optional: true })],
  Time: [schema.time(), schema.time({ optional: true })],
  Timestamp: [schema.timestamp(), schema.timestamp({ optional: true })],
}

export const schemaOfType = (type: TimestampType, optional: boolean): Schema =>
  SCHEMAS[type][optional ? 1 : 0]

const NANOS_IN_MS = 1_000_000n
const MOST = 2n ** 63n - 1n
const clamped = (value: bigint): bigint => (value > MOST ? MOST : value < -MOST - 1n ? -MOST - 1n : value)

/** Epoch milliseconds of a count of units; what is less than a millisecond is cut off. */
export function msOfUnix(value: number | bigint, precision: UnixPrecision): number {
  let ms: number
  if (precision === 'nanoseconds') ms = Number(BigInt(value) / NANOS_IN_MS)
  else if (precision === 'microseconds') ms = Number(BigInt(value) / 1000n)
  else ms = precision === 'seconds' ? Number(value) * 1000 : Number(value)
  if (Math.abs(ms) > 8.64e15)
    throw dataError(`${value} ${precision} from 1970-01-01 is beyond the range of dates`)
  return ms
}

/** A count of units since 1970; what is less than a unit is cut off. */
export function unixOfMs(ms: number, precision: UnixPrecision): bigint {
  if (precision === 'seconds') return BigInt(Math.trunc(ms / 1000))
  if (precision === 'milliseconds') return BigInt(ms)
  return clamped(BigInt(ms) * (precision === 'microseconds' ? 1000n : NANOS_IN_MS))
}

/** Epoch milliseconds of a value of the three logical types, which all hold a date. */
export function msOfDate(value: Value, type: TimestampType): number {
  if (!(value instanceof Date))
    throw dataError(`Expected ${type} to be a java.util.Date, but found class ${javaClassOf(value)}`)
  const ms = value.getTime()
  if (Number.isNaN(ms)) throw dataError(`Invalid Date used as a ${type}`)
  return ms
}
