import { MOST_PROPERTIES } from '@isthmus/runtime'
import { typedNumber } from '@isthmus/sdk/data'
import { HttpError } from './failure.ts'

/** A number of a JSON text as it is written: a config value keeps its spelling, an offset its 64 bits. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  /** Whole numbers beyond 2^53 as bigint. */
  get value(): number | bigint {
    const number = Number(this.text)
    if (!/^-?\d+$/.test(this.text)) return number
    // there is no whole -0
    if (Number.isSafeInteger(number)) return number === 0 ? 0 : number
    return BigInt(this.text)
  }
}

const MAX_DEPTH = 500
/** Keys and elements of all lists and objects together. */
const MAX_VALUES = 200_000
/** As Java's JSON library has it. */
const MAX_DIGITS = 1000

/** Undefined for an empty body. */
export function parseBody(bytes: Buffer, mostValues = MAX_VALUES): unknown {
  if (bytes.length === 0) return undefined
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new HttpError(400, 'The request body is not valid UTF-8')
  }
  if (text.trim() === '') return undefined
  refuseExcess(text, mostValues)
  try {
    return JSON.parse(text, numberAsText)
  } catch (error) {
    throw new HttpError(400, `The request body is not valid JSON: ${(error as Error).message}`)
  }
}

// the third argument is newer than the type definitions of the library
const numberAsText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value

/**
 * Refuses what would take more than its size says: the reviver recurses, so that a text of a million brackets would exhaust the stack, and
 * is called for every value; and a number is read in time that grows with the square of its digits.
 */
function refuseExcess(text: string, mostValues: number): void {
  let depth = 0
  let values = 1
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = endOfString(text, at)
      digits = 0
    } else if (unit === BRACE || unit === BRACKET) {
      if (++depth > MAX_DEPTH) throw tooMuch(`is nested more than ${MAX_DEPTH} levels deep`)
      values++
      digits = 0
    } else if (unit === CLOSING_BRACE || unit === CLOSING_BRACKET) {
      depth--
      digits = 0
    } else if (unit === COMMA) {
      if (++values > mostValues) throw tooMuch(`holds more than ${mostValues} values`)
      digits = 0
    } else if (unit <= SPACE || unit === COLON) digits = 0
    else if (++digits > MAX_DIGITS) throw tooMuch(`holds a number of more than ${MAX_DIGITS} characters`)
  }
}
const tooMuch = (what: string) => new HttpError(400, `The request body ${what}`)

function endOfString(text: string, start: number): number {
  let at = start + 1
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) break
    if (unit === BACKSLASH) at++
  }
  return at
}
const [SPACE, QUOTE, BACKSLASH, COMMA, COLON] = [0x20, 0x22, 0x5c, 0x2c, 0x3a]
const [BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET] = [0x7b, 0x5b, 0x7d, 0x5d]

export function objectOf(body: unknown, what: string): { readonly [name: string]: unknown } {
  if (body === undefined || body === null) throw new HttpError(400, `${what} is missing`)
  if (typeof body !== 'object' || Array.isArray(body) || body instanceof JsonNumber)
    throw new HttpError(400, `${what} must be a JSON object, not ${kindOf(body)}`)
  return body as { readonly [name: string]: unknown }
}

/** As Java's JSON library fills a map of strings: numbers and booleans become their text, null stays. */
export function textsOf(body: unknown, what: string): { [name: string]: string | null } {
  const texts: { [name: string]: string | null } = Object.create(null)
  const entries = Object.entries(objectOf(body, what))
  if (entries.length > MOST_PROPERTIES)
    throw new HttpError(400, `${what} has more than ${MOST_PROPERTIES} properties`)
  for (const [name, value] of entries) texts[name] = textOf(value, `'${name}' in ${what}`)
  return texts
}

/** As Java takes a string: numbers and booleans become their text. */
export function textOf(value: unknown, what: string): string | null {
  if (value === null || typeof value === 'string') return value
  if (value instanceof JsonNumber) return value.text
  if (typeof value === 'boolean') return String(value)
  throw new HttpError(400, `${what} must be a string, not ${kindOf(value)}`)
}

export function refuseOthers(body: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(body))
    if (!known.includes(name))
      throw new HttpError(400, `Unrecognized field "${name}" in ${what}: it may have ${known.join(', ')}`)
}

/** JSON values as offsets hold them: whole numbers as numbers or bigints, fractions stay fractions also when they are whole. */
export function offsetValue(value: unknown): unknown {
  if (value instanceof JsonNumber)
    return /[.eE]/.test(value.text) && Number.isInteger(Number(value.text))
      ? typedNumber('float64', Number(value.text))
      : value.value
  if (Array.isArray(value)) return value.map(offsetValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, offsetValue(inner)]))
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (value instanceof JsonNumber) return 'a number'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
