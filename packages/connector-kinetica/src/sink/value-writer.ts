import { type Decimal, dataError, type Schema, type SchemaType, type Value } from '@isthmus/sdk'
import { DATE, kindOf, TIME, type TypedNumber } from '@isthmus/sdk/data'
import { decimalOfNumber, decimalPlainText, decimalToNumber, doubleText, floatText } from '@isthmus/sdk/java'
import type { AvroWriter } from '../database/avro-writer.ts'
import type { BaseType, Column } from '../database/column.ts'

/** Writes the value of one field into a column; throws a `data` error when the column cannot hold it, and may have written a part then. */
export type ValueWriter = (writer: AvroWriter, value: Value) => void

/** What is known of values before they come. */
interface Origin {
  /** Of their schema; null without one. */
  readonly type: SchemaType | null
  /** What of a date counts: its schema says so. */
  readonly part: 'date' | 'time' | 'timestamp'
}

/** Timestamps of the years 1000 to 2900: what a column of that kind holds. Texts beyond are taken for the nearest of them. */
const EARLIEST_MS = -30_610_224_000_000
const LATEST_MS = 29_379_542_399_999
const LONG_MAX = 2n ** 63n - 1n
const LONG_MIN = -(2n ** 63n)

/** How values of a field get into a column. `field` is the schema of the field, null where it has none. */
export function valueWriter(column: Column, field: Schema | null): ValueWriter {
  const write = writers[column.type](column, {
    type: field?.type ?? null,
    part: field?.name === DATE ? 'date' : field?.name === TIME ? 'time' : 'timestamp',
  })
  const fallback = field?.default ?? null
  const { nullable } = column
  return (writer, given) => {
    const value = given ?? fallback
    if (value === null) {
      if (!nullable) throw dataError(`null, and column ${shown(column)} is not nullable`)
      writer.int(1)
      return
    }
    if (nullable) writer.int(0)
    write(writer, value)
  }
}

const shown = ({ name, type, properties }: Column): string => `${name} (${[type, ...properties].join(', ')})`

const mismatch = (column: Column, value: Value): Error =>
  dataError(`${kindOf(value)} ${textOf(value)}, which does not fit column ${shown(column)}`)

/** A value as errors show it, in part where it is long. */
function textOf(value: Value): string {
  const kind = kindOf(value)
  if (kind === 'bytes') return `of ${(value as Uint8Array).length} bytes`
  if (kind === 'list' || kind === 'map') return ''
  const text =
    kind === 'date'
      ? isoOf(value as Date)
      : kind === 'decimal'
        ? decimalPlainText(value as Decimal)
        : String(numberIn(value))
  return text.length > MOST_SHOWN ? `'${text.slice(0, MOST_SHOWN)}…'` : `'${text}'`
}
const MOST_SHOWN = 100

/** A number that names its kind, as the number; anything else as it is. */
const numberIn = (value: Value): Value => {
  const { number } = value as Partial<TypedNumber>
  return typeof value === 'object' && typeof number === 'number' ? number : value
}

type Write = (writer: AvroWriter, value: NonNullable<Value>) => void

const writers: { readonly [type in BaseType]: (column: Column, origin: Origin) => Write } = {
  int(column) {
    const [low, high] = rangeOf(column)
    return (writer, given) => {
      const value = integerOf(given)
      if (value === null || value < low || value > high) throw mismatch(column, given)
      writer.int(Number(value))
    }
  },
  long(column, origin) {
    const isTime = column.properties.includes('timestamp')
    return (writer, given) => {
      const value = isTime ? timestampOf(given, origin) : integerOf(given)
      if (typeof value === 'number') writer.int(value)
      else if (value !== null && value >= LONG_MIN && value <= LONG_MAX) writer.long(value)
      else throw mismatch(column, given)
    }
  },
  float: (column) => (writer, given) => {
    const value = numberOf(given)
    // a number that is too large for a float would become infinite
    if (value === null || (Number.isFinite(value) && !Number.isFinite(Math.fround(value))))
      throw mismatch(column, given)
    writer.float(value)
  },
  double: (column) => (writer, given) => {
    const value = numberOf(given)
    if (value === null) throw mismatch(column, given)
    writer.double(value)
  },
  string(column, origin) {
    const textOfOther = textWriter(column, origin)
    return (writer, given) => {
      const value = typeof given === 'string' ? given : textOfOther(given)
      if (value === null) throw mismatch(column, given)
      writer.string(value)
    }
  },
  bytes: (column) => (writer, given) => {
    if (!(given instanceof Uint8Array)) throw mismatch(column, given)
    writer.bytes(given)
  },
}

function rangeOf({ properties }: Column): readonly [low: number, high: number] {
  if (properties.includes('boolean')) return [0, 1]
  if (properties.includes('int8')) return [-128, 127]
  if (properties.includes('int16')) return [-32_768, 32_767]
  return [-2_147_483_648, 2_147_483_647]
}

/** A whole number; null for a number with a fraction and for what is none. */
function integerOf(given: NonNullable<Value>): number | bigint | null {
  switch (typeof given) {
    case 'number':
      if (Number.isSafeInteger(given)) return given
      return Number.isInteger(given) ? BigInt(given) : null
    case 'bigint':
      return given
    case 'boolean':
      return given ? 1 : 0
    case 'string':
      return null
  }
  const value = numberIn(given)
  if (typeof value === 'number') return integerOf(value)
  if (kindOf(value) !== 'decimal') return null
  const { unscaled, scale } = value as Decimal
  const unit = 10n ** BigInt(Math.abs(scale))
  if (scale <= 0) return unscaled * unit
  return unscaled % unit === 0n ? unscaled / unit : null
}

/** A number, as exact as a double can have it; null for what is none. */
function numberOf(given: NonNullable<Value>): number | null {
  switch (typeof given) {
    case 'number':
      return given
    case 'bigint':
      return Number(given)
    case 'boolean':
      return given ? 1 : 0
    case 'string':
      return null
  }
  const value = numberIn(given)
  if (typeof value === 'number') return value
  return kindOf(value) === 'decimal' ? decimalToNumber(value as Decimal) : null
}

function timestampOf(value: NonNullable<Value>, { part }: Origin): number | bigint | null {
  if (typeof value === 'string') return timestampOfText(value)
  if (!(value instanceof Date)) return integerOf(value)
  return part === 'time' || Number.isNaN(value.getTime()) ? null : value.getTime()
}

const TIMESTAMP_TEXT = /^(\d{4,6}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?)?Z?$/

/** `yyyy-MM-dd HH:mm:ss.SSS` in UTC, also as ISO 8601 has it, and without what stands at its end; null for other texts. */
function timestampOfText(text: string): number | null {
  const [, day, time = '00:00:00', fraction = ''] = TIMESTAMP_TEXT.exec(text.trim()) ?? []
  if (day === undefined) return null
  const year = day.slice(0, day.indexOf('-'))
  const wholeDay = year.length > 4 ? `+${year.padStart(6, '0')}${day.slice(year.length)}` : day
  const ms = Date.parse(`${wholeDay}T${time}${fraction.slice(0, 4)}Z`)
  // what is no day of its month would become one of the next, and 24:00:00 one of tomorrow
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(wholeDay)) return null
  return Math.min(Math.max(ms, EARLIEST_MS), LATEST_MS)
}

const isoOf = (date: Date): string => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString())

/** Parts of a date as text, in UTC. */
const dateTexts = {
  date: (date: Date) => date.toISOString().slice(0, -14),
  time: (date: Date) => date.toISOString().slice(-13, -1),
  timestamp: (date: Date) => date.toISOString().replace('T', ' ').slice(0, -1),
} as const

/** What a column of strings makes of a value that is no string; null where it cannot hold it. */
function textWriter({ properties }: Column, origin: Origin): (value: NonNullable<Value>) => string | null {
  const meant = properties.includes('date')
    ? 'date'
    : properties.includes('time')
      ? 'time'
      : properties.includes('datetime')
        ? 'timestamp'
        : null
  const decimals = properties.some((property) => /^decimal\b/.test(property))
  return (value) => {
    if (value instanceof Date)
      return Number.isNaN(value.getTime()) ? null : dateTexts[meant ?? origin.part](value)
    if (meant === 'timestamp' && typeof value !== 'boolean') {
      const ms = numberOf(value)
      return ms !== null && Math.abs(ms) <= MOST_MS ? dateTexts.timestamp(new Date(ms)) : null
    }
    if (meant !== null) return null
    return decimals ? decimalTextOf(value) : plainTextOf(value, origin)
  }
}

/** JavaScript dates end here; columns long before. */
const MOST_MS = 8.64e15

function decimalTextOf(given: NonNullable<Value>): string | null {
  if (kindOf(given) === 'decimal') return decimalPlainText(given as Decimal)
  const value = numberIn(given)
  if (typeof value === 'bigint') return String(value)
  const exact = typeof value === 'number' && Number.isFinite(value) ? decimalOfNumber(value) : null
  return exact === null ? null : decimalPlainText(exact)
}

/** Numbers and booleans as Java prints them. */
function plainTextOf(value: NonNullable<Value>, { type }: Origin): string | null {
  const kind = kindOf(value)
  if (kind === 'bytes' || kind === 'list' || kind === 'map') return null
  if (kind === 'decimal') return decimalPlainText(value as Decimal)
  const number = numberIn(value)
  if (typeof number !== 'number') return String(number)
  const isFloat = kind === 'float32' || type === 'float32'
  if (isFloat) return floatText(number)
  return kind === 'float64' || type === 'float64' ? doubleText(number) : String(number)
}
