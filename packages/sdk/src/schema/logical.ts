import { dataError } from '../errors.ts'
import { bigintOfBytes, bytesOfBigint } from '../java/decimal-text.ts'
import { DATE, TIME, TIMESTAMP } from './names.ts'
import { type Decimal, decimal, type Schema } from './schema.ts'

const DAY_MS = 86_400_000
const REQUESTED = (what: string) => `Requested conversion of ${what} object but the schema does not match.`

/** The scale of a Decimal schema, from its parameter. */
export function scaleOf(schema: Schema): number {
  const text = schema.parameters?.['scale']
  if (text === undefined) throw dataError('Invalid Decimal schema: scale parameter not found.')
  if (!/^[+-]?[0-9]+$/.test(text)) throw dataError('Invalid scale parameter found in Decimal schema: ')
  return Number(text)
}

/** As Java stores a Decimal in bytes: its unscaled number, big-endian. Throws a `data` error where the value has another scale than the schema. */
export function decimalToBytes(schema: Schema, value: Decimal): Uint8Array {
  const scale = scaleOf(schema)
  if (value.scale !== scale)
    throw dataError(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
    )
  return bytesOfBigint(value.unscaled)
}

/** Takes `decimalToBytes` back. */
export function decimalFromBytes(schema: Schema, bytes: Uint8Array): Decimal {
  if (bytes.length === 0) throw dataError('Zero length BigInteger')
  return decimal(bigintOfBytes(bytes), scaleOf(schema))
}

/** Days since the epoch. */
export function dateToDays(schema: Schema, value: Date): number {
  if (schema.name !== DATE) throw dataError(REQUESTED('Date'))
  const days = value.getTime() / DAY_MS
  if (!Number.isInteger(days))
    throw dataError('Kafka Connect Date type should not have any time fields set to non-zero values.')
  return days | 0
}

/** Days since 1970 to the Date that a value of the schema `Date` is. */
export function dateFromDays(schema: Schema, days: number): Date {
  if (schema.name !== DATE) throw dataError(REQUESTED('Date'))
  return inRange(new Date(days * DAY_MS), `${days} days`)
}

/** Milliseconds of the day; midnight of the next day is still one of them. */
export function timeToMs(schema: Schema, value: Date): number {
  if (schema.name !== TIME) throw dataError(REQUESTED('Time'))
  const ms = value.getTime()
  if (!(ms >= 0 && ms <= DAY_MS))
    throw dataError('Kafka Connect Time type should not have any date fields set to non-zero values.')
  return ms
}

/** Milliseconds since midnight to the Date that a value of the schema `Time` is. */
export function timeFromMs(schema: Schema, ms: number): Date {
  if (schema.name !== TIME) throw dataError(REQUESTED('Date'))
  if (ms < 0 || ms > DAY_MS)
    throw dataError('Time values must use number of milliseconds greater than 0 and less than 86400000')
  return new Date(ms)
}

/** The milliseconds since 1970 of a value of the schema `Timestamp`. */
export function timestampToMs(schema: Schema, value: Date): bigint {
  if (schema.name !== TIMESTAMP) throw dataError(REQUESTED('Timestamp'))
  const ms = value.getTime()
  if (Number.isNaN(ms)) throw dataError('Invalid Date used as a Timestamp')
  return BigInt(ms)
}

/** Milliseconds since 1970 to the Date that a value of the schema `Timestamp` is. */
export function timestampFromMs(schema: Schema, ms: bigint): Date {
  if (schema.name !== TIMESTAMP) throw dataError(REQUESTED('Timestamp'))
  return inRange(new Date(Number(ms)), `${ms} ms`)
}

/** JavaScript dates end ±8.64e15 ms, some 275,000 years, from 1970; Java's go on. */
function inRange(date: Date, given: string): Date {
  if (Number.isNaN(date.getTime())) throw dataError(`${given} from 1970-01-01 is beyond the range of dates`)
  return date
}
