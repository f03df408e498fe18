import { typedNumber } from '@isthmus/sdk'
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
    if (!/^-?\d+$/.test(this.text) || Number.isSafeInteger(number)) return number
    return BigInt.asIntN(64, BigInt(this.text))
  }
}

const MAX_DEPTH = 500

/** Undefined for an empty body. */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new HttpError(400, 'The request body is not valid UTF-8')
  }
  if (text.trim() === '') return undefined
  refuseDeep(text)
  try {
    return JSON.parse(text, numberAsText)
  } catch (error) {
    throw new HttpError(400, `The request body is not valid JSON: ${(error as Error).message}`)
  }
}

// the third argument is newer than the type definitions of the library
const numberAsText = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value

/** A reviver recurses: a text of a million brackets would exhaust the stack. */
function refuseDeep(text: string): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) inString = !inString
    else if (inString) {
      if (unit === 0x5c) at++
    } else if (unit === 0x7b || unit === 0x5b) {
      if (++depth > MAX_DEPTH)
        throw new HttpError(400, `The request body is nested more than ${MAX_DEPTH} levels deep`)
    } else if (unit === 0x7d || unit === 0x5d) depth--
  }
}

export function objectOf(body: unknown, what: string): { readonly [name: string]: unknown } {
  if (body === undefined || body === null) throw new HttpError(400, `${what} is missing`)
  if (typeof body !== 'object' || Array.isArray(body) || body instanceof JsonNumber)
    throw new HttpError(400, `${what} must be a JSON object, not ${kindOf(body)}`)
  return body as { readonly [name: string]: unknown }
}

/** As Java's JSON library fills a map of strings: numbers and booleans become their text, null stays. */
export function textsOf(body: unknown, what: string): { [name: string]: string | null } {
  const texts: { [name: string]: string | null } = Object.create(null)
  for (const [name, value] of Object.entries(objectOf(body, what)))
    texts[name] = textOf(value, `'${name}' in ${what}`)
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
