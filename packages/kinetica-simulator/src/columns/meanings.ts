import { isIPv4 } from 'node:net'
import { Refusal, refusal } from '../refusal.ts'
import { canonicalDecimal, decimalOrder } from './decimal.ts'
import { canonicalDate, canonicalDatetime, canonicalTime, EARLIEST, LATEST, timestampOf } from './time.ts'
import type { BaseType, Value } from './value.ts'

/** How a column treats values whose base type is already right. */
export interface Meaning {
  /** The value as it is kept; throws a Refusal, which says why, for one that the column does not take. */
  readonly keep: (value: NonNullable<Value>, truncate: boolean) => NonNullable<Value>
  /** What values of the column, and constants that they are compared with, are ordered by. */
  readonly order: (value: NonNullable<Value>) => NonNullable<Value>
}

/** A property that gives a meaning to columns of one base type; `parameters` are what it has in parentheses. */
interface MeaningProperty {
  readonly base: readonly BaseType[]
  readonly meaning: (parameters: readonly string[]) => Meaning
}

const same = (value: NonNullable<Value>): NonNullable<Value> => value
const plain: Meaning = { keep: same, order: same }

const ofText = (keep: (text: string) => string, order?: (text: string) => NonNullable<Value>): Meaning => ({
  keep: (value) => keep(String(value)),
  order: (value) => (order ?? keep)(String(value)),
})

function between(low: number, high: number): Meaning {
  return {
    order: same,
    keep: (value) => {
      if (Number(value) >= low && Number(value) <= high) return value
      throw new Refusal(`${value} is not between ${low} and ${high}`)
    },
  }
}

function charN(length: number): Meaning {
  return {
    order: same,
    keep: (value, truncate) => {
      const text = String(value)
      // a character is at least one unit, so most texts need no counting
      if (text.length <= length) return text
      const characters = [...text]
      if (characters.length <= length) return text
      if (truncate) return characters.slice(0, length).join('')
      throw new Refusal(`has ${characters.length} characters, and at most ${length} are allowed`)
    },
  }
}

const timestamp: Meaning = {
  keep: (value) => {
    if (BigInt(value as bigint) >= EARLIEST && BigInt(value as bigint) <= LATEST) return value
    throw new Refusal(`${value} is not a timestamp of the years 1000 to 2900`)
  },
  order: (value) => (typeof value === 'string' ? timestampOf(value) : value),
}

const ipv4 = ofText(
  (text) => {
    if (isIPv4(text)) return text
    throw new Refusal(`'${text}' is not an IPv4 address`)
  },
  (text) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0),
)

const uuid = ofText((text) => {
  const digits = text.toLowerCase().replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new Refusal(`'${text}' is not a UUID`)
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
})

const ulong = ofText(
  (text) => {
    if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return text
    throw new Refusal(`'${text}' is not an unsigned long`)
  },
  (text) => BigInt(text),
)

const json = ofText((text) => {
  try {
    JSON.parse(text)
    return text
  } catch {
    throw new Refusal(`'${text.slice(0, 100)}' is not JSON`)
  }
})

const DEFAULT_PRECISION = '19'
const DEFAULT_SCALE = '4'

const MOST_DIGITS = 27

function decimal([precision = DEFAULT_PRECISION, scale = DEFAULT_SCALE]: readonly string[]): Meaning {
  const [digits, behind] = [Number(precision), Number(scale)]
  if (!(digits >= 1 && digits <= MOST_DIGITS && behind >= 0 && behind <= digits))
    throw refusal(`Invalid property 'decimal(${precision},${scale})'`, 'T/Tc:108')
  return ofText((text) => canonicalDecimal(text, digits, behind), decimalOrder)
}

function vector([length = '']: readonly string[]): Meaning {
  const bytes = Number(length) * 4
  return {
    order: same,
    keep: (value) => {
      if ((value as Uint8Array).length === bytes) return value
      throw new Refusal(`has ${(value as Uint8Array).length} bytes, and a vector(${length}) has ${bytes}`)
    },
  }
}

const string = (meaning: (parameters: readonly string[]) => Meaning): MeaningProperty => ({
  base: ['string'],
  meaning,
})

const charProperties = [1, 2, 4, 8, 16, 32, 64, 128, 256].map((length): [string, MeaningProperty] => [
  `char${length}`,
  string(() => charN(length)),
])

/** The properties of which a column has at most one. */
export const meaningProperties: ReadonlyMap<string, MeaningProperty> = new Map<string, MeaningProperty>([
  ...charProperties,
  ['int8', { base: ['int'], meaning: () => between(-128, 127) }],
  ['int16', { base: ['int'], meaning: () => between(-32_768, 32_767) }],
  ['boolean', { base: ['int'], meaning: () => between(0, 1) }],
  ['timestamp', { base: ['long'], meaning: () => timestamp }],
  ['date', string(() => ofText(canonicalDate))],
  ['time', string(() => ofText(canonicalTime))],
  ['datetime', string(() => ofText(canonicalDatetime))],
  ['decimal', string(decimal)],
  ['ipv4', string(() => ipv4)],
  ['uuid', string(() => uuid)],
  ['ulong', string(() => ulong)],
  ['json', string(() => json)],
  ['array', string(() => json)],
  ['vector', { base: ['bytes'], meaning: vector }],
  ['wkt', { base: ['string', 'bytes'], meaning: () => plain }],
])

/** The meaning of a column without any such property. */
export const plainMeaning = plain
