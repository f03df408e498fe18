import { codeOf, dataError } from '../errors.ts'
import { parseDateText, parseTimestampText, parseTimeText } from '../java/date.ts'
import { decimalText, decimalToLong, decimalToNumber, parseDecimal } from '../java/decimal-text.ts'
import { parseJavaFloat } from '../java/narrowing.ts'
import { javaText } from '../java/text.ts'
import { javaTrim } from '../java/trim.ts'
import type { SchemaAndValue } from '../plugin.ts'
import { schema } from '../schema/builders.ts'
import { type Decimal, type Schema, typedNumber, type Value } from '../schema/schema.ts'
import { convertWith } from './conversion.ts'
import { schemaMerger } from './merge.ts'
import { Tokens } from './tokens.ts'

const STRING = schema.string()
const NOTHING: SchemaAndValue = { schema: null, value: null }
const TRUE: SchemaAndValue = { schema: schema.boolean(), value: true }
const FALSE: SchemaAndValue = { schema: schema.boolean(), value: false }
const INTEGERS = [
  [8, schema.int8()],
  [16, schema.int16()],
  [32, schema.int32()],
] as const
const [INT64, FLOAT32, FLOAT64] = [schema.int64(), schema.float32(), schema.float64()]
const [DATE, TIME, TIMESTAMP] = [schema.date(), schema.time(), schema.timestamp()]

/**
 * The value that text most likely stands for, as Java's `Values.parseString`: whole numbers take the smallest type they fit, lists
 * and maps the common type of what is inside, ISO 8601 dates and times (read as UTC) their logical type; anything else is
 * the text itself. Text without end may nest deeper than the stack allows; that throws a RangeError.
 */
export function parseString(text: string): SchemaAndValue {
  if (text === '') return { schema: STRING, value: text }
  return parseNext(new Tokens(text), false) ?? NOTHING
}

/** Null for the null literal. */
function parseNext(tokens: Tokens, embedded: boolean): SchemaAndValue | null {
  if (!tokens.hasNext()) return null
  if (embedded && tokens.take('"')) return parseQuoted(tokens)
  if (takeLiteral(tokens, embedded, 'null')) return null
  if (takeLiteral(tokens, embedded, 'true')) return TRUE
  if (takeLiteral(tokens, embedded, 'false')) return FALSE
  const start = tokens.mark()
  try {
    if (tokens.take('[')) return parseArray(tokens)
    if (tokens.take('{')) return parseMap(tokens)
  } catch (error) {
    if (codeOf(error) !== 'data') throw error
    tokens.rewindTo(start)
  }
  const token = tokens.next()
  const trimmed = javaTrim(token)
  return trimmed === '' ? { schema: STRING, value: token } : parseToken(tokens, embedded, trimmed)
}

/** At top level a literal counts only if nothing follows. */
function takeLiteral(tokens: Tokens, embedded: boolean, literal: string): boolean {
  const start = tokens.mark()
  if (tokens.take(literal) && (embedded || !tokens.hasNext())) return true
  tokens.rewindTo(start)
  return false
}

function parseToken(tokens: Tokens, embedded: boolean, token: string): SchemaAndValue {
  const startsWithDigit = /^\p{Nd}/u.test(token)
  if (startsWithDigit) {
    const temporal = parseAcrossTokens(tokens, token)
    if (temporal !== null) return temporal
  }
  if (startsWithDigit || token[0] === '+' || token[0] === '-') {
    const number = parseDecimal(token)
    if (number !== null) return numberOf(number)
  }
  if (embedded) throw dataError('Failed to parse embedded value')
  return { schema: STRING, value: tokens.original }
}

function parseQuoted(tokens: Tokens): SchemaAndValue {
  let content = ''
  while (tokens.hasNext() && !tokens.take('"')) content += tokens.next()
  return parseTemporal(content) ?? { schema: STRING, value: content }
}

function parseArray(tokens: Tokens): SchemaAndValue {
  const items: SchemaAndValue[] = []
  const merger = schemaMerger()
  while (tokens.hasNext()) {
    if (tokens.take(']')) {
      const common = merger.common()
      return {
        schema: schema.array(common),
        value: items.map((item) => aligned(common, item)),
      }
    }
    if (tokens.take(',')) throw dataError(`Unable to parse an empty array element: ${tokens.original}`)
    const item = parseNext(tokens, true)
    merger.merge(item?.schema ?? null)
    items.push(item ?? NOTHING)
    const position = tokens.mark()
    if (tokens.take(']')) tokens.rewindTo(position)
    else if (!tokens.take(',')) throw dataError("Array elements missing ',' delimiter")
  }
  if (tokens.previous === ',') throw dataError(`Array is missing element after ',': ${tokens.original}`)
  throw dataError(`Array is missing terminating ']': ${tokens.original}`)
}

function parseMap(tokens: Tokens): SchemaAndValue {
  const entries: [SchemaAndValue, SchemaAndValue][] = []
  const keyMerger = schemaMerger()
  const valueMerger = schemaMerger()
  while (tokens.hasNext()) {
    if (tokens.take('}')) return mapOf(entries, keyMerger.common(), valueMerger.common())
    if (tokens.take(','))
      throw dataError(`Unable to parse a map entry with no key or value: ${tokens.original}`)
    const key = parseNext(tokens, true)
    if (key === null || key.value === null)
      throw dataError(`Map entry may not have a null key: ${tokens.original}`)
    if (!tokens.take(':'))
      throw dataError(`Map entry is missing ':' at ${tokens.position} in ${tokens.original}`)
    const value = parseNext(tokens, true)
    entries.push([key, value ?? NOTHING])
    tokens.take(',')
    keyMerger.merge(key.schema)
    valueMerger.merge(value?.schema ?? null)
  }
  if (tokens.previous === ',') throw dataError(`Map is missing element after ',': ${tokens.original}`)
  throw dataError(`Map is missing terminating '}': ${tokens.original}`)
}

function mapOf(
  entries: readonly [SchemaAndValue, SchemaAndValue][],
  keys: Schema | null,
  values: Schema | null,
): SchemaAndValue {
  const common = keys === null ? null : values
  // Of entries with one key the last counts, in the first one's place; dates are equal that are not the same.
  const distinct = new Map<string, [SchemaAndValue, SchemaAndValue]>()
  for (const [key, value] of entries)
    distinct.set(`${key.schema?.type} ${javaText(key.value, key.schema)}`, [key, value])
  const map = new Map<Value, Value>()
  for (const [key, value] of distinct.values()) map.set(aligned(keys, key), aligned(common, value))
  return { schema: schema.map(keys, common), value: map }
}

/** Under a common schema the value takes its type; without one it says its own. */
function aligned(common: Schema | null, item: SchemaAndValue): Value {
  if (common !== null) return convertWith((text) => ({ schema: null, value: text }), common, null, item.value)
  return selfDescribing(item.schema, item.value)
}

/** The value with the types of its numbers, which nobody else will know where its schema is lost. */
function selfDescribing(known: Schema | null, value: Value): Value {
  if (known === null) return value
  if (typeof value === 'number')
    return known.type === 'int64' ? value : typedNumber(known.type as 'int8', value)
  if (known.type === 'array' && Array.isArray(value))
    return value.map((item: Value) => selfDescribing(known.items, item))
  if (known.type === 'map' && value instanceof Map)
    return new Map(
      [...value].map(([key, item]) => [selfDescribing(known.keys, key), selfDescribing(known.values, item)]),
    )
  return value
}

/** An unescaped colon cuts a time into five tokens. */
function parseAcrossTokens(tokens: Tokens, token: string): SchemaAndValue | null {
  const position = tokens.mark()
  const rest = tokens.nextJoined(4)
  if (rest !== null) {
    const temporal = parseTemporal(token + rest)
    if (temporal !== null) return temporal
  }
  tokens.rewindTo(position)
  return parseTemporal(token)
}

function parseTemporal(token: string): SchemaAndValue | null {
  const text = token.replaceAll('\\:', ':')
  if (text.length === 13) return temporalOf(TIME, parseTimeText(text))
  if (text.length === 24) return temporalOf(TIMESTAMP, parseTimestampText(text))
  return text.length === 10 ? temporalOf(DATE, parseDateText(text)) : null
}

const temporalOf = (type: Schema, value: Date | null): SchemaAndValue | null =>
  value === null ? null : { schema: type, value }

function numberOf(number: Decimal): SchemaAndValue {
  const whole = wholeNumber(number)
  if (whole !== null) {
    for (const [bits, type] of INTEGERS)
      if (BigInt.asIntN(bits, whole) === whole) return { schema: type, value: Number(whole) }
    return { schema: INT64, value: whole }
  }
  const double = decimalToNumber(number)
  if (number.scale !== 0) {
    const float = parseJavaFloat(decimalText(number))
    if (float !== null && Number.isFinite(float)) return { schema: FLOAT32, value: float }
    if (Number.isFinite(double)) return { schema: FLOAT64, value: double }
  }
  return { schema: schema.decimal(number.scale), value: number }
}

/** The number as an integer of at most 64 bits, if it is one. */
function wholeNumber(number: Decimal): bigint | null {
  if (number.unscaled === 0n) return 0n
  const magnitude = decimalToNumber(number)
  if (Math.abs(magnitude) > 1e19 || Math.abs(magnitude) < 1) return null
  if (number.scale > 0 && number.unscaled % 10n ** BigInt(number.scale) !== 0n) return null
  const long = decimalToLong(number)
  // Beyond 64 bits the low ones differ from the number by a multiple of 2^64.
  return Math.abs(Number(long) - magnitude) < 2 ** 60 ? long : null
}
