import { isUtf8 } from 'node:buffer'
import { ConnectError, dataError, type Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { asBuffer } from '../as-buffer.ts'
import { type Json, MAX_DEPTH, parseJson } from './parse.ts'
import { EXPONENT, hasPlainNumbers } from './plain-numbers.ts'
import { RepeatingReader } from './repeating.ts'

/** A number as it was written, where a JavaScript number would lose something. */
export class NumberText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
export type ExactJson = Json<number | NumberText>

/** The text of a whole document in whatever encoding. */
export function documentText(bytes: Uint8Array): string {
  const first = bytes[0] ?? 0x20
  const second = bytes[1] ?? 0x20
  return first === 0 || second === 0 || first > 0x7f ? detectedText(bytes) : utf8Text(bytes)
}

/** The text of UTF-8 JSON. */
function utf8Text(bytes: Uint8Array, from = 0, to = bytes.length): string {
  const text = asBuffer(bytes).toString('utf8', from, to)
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw unreadable(new SyntaxError('Invalid UTF-8'))
  return text
}

interface Encoding {
  readonly encoding: 'utf-8' | 'utf-16be' | 'utf-16le' | 'utf-32be' | 'utf-32le'
  readonly skip: number
}

/** As Java's library detects it: by a byte order mark, in documents of four bytes and more, or by where the zero bytes are. */
function encodingOf(bytes: Uint8Array): Encoding {
  const [a = -1, b = -1, c = -1, d = -1] = bytes
  if (bytes.length >= 4) {
    if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', skip: 3 }
    if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return { encoding: 'utf-32be', skip: 4 }
    if (a === 0xff && b === 0xfe && c === 0 && d === 0) return { encoding: 'utf-32le', skip: 4 }
    if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', skip: 2 }
    if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', skip: 2 }
    if (a === 0 && b === 0 && c === 0 && d > 0) return { encoding: 'utf-32be', skip: 0 }
    if (a > 0 && b === 0 && c === 0 && d === 0) return { encoding: 'utf-32le', skip: 0 }
  }
  if (a === 0 && b > 0) return { encoding: 'utf-16be', skip: 0 }
  if (a > 0 && b === 0) return { encoding: 'utf-16le', skip: 0 }
  return { encoding: 'utf-8', skip: 0 }
}

/** JSON may come in UTF-16 or UTF-32. */
function detectedText(bytes: Uint8Array): string {
  const found = encodingOf(bytes)
  const content = bytes.subarray(found.skip)
  if (found.encoding === 'utf-8') return utf8Text(content)
  if (found.encoding.startsWith('utf-16')) return new TextDecoder(found.encoding).decode(content)
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength & ~3)
  let text = ''
  for (let at = 0; at < view.byteLength; at += 4)
    text += String.fromCodePoint(Math.min(view.getUint32(at, found.encoding === 'utf-32le'), 0x10ffff))
  return text
}

export const unreadable = (cause: unknown): ConnectError =>
  new ConnectError('data', 'Converting byte[] to Kafka Connect data failed due to serialization error: ', {
    cause,
  })

/** Runs a parse; what the text does to it is a fault of the data. */
export function parsing<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof SyntaxError || error instanceof RangeError ? unreadable(error) : error
  }
}

/**
 * A whole number in JSON is an int64 and every other a float64. `JSON.parse` hides which it was in `1.0`, in `1e2`, and where a fraction is
 * lost in more digits than a double has; these find every text with such a number, and some without. Their first characters are
 * rare, which makes them several times as fast as a search for whole numbers.
 */
const HIDDEN_FRACTION = /\.(?<=(?:^|[\s:,[])-?[0-9]+\.)(?:0+(?![0-9])|[0-9]{8}|(?<=[0-9]{8}\.))/

/** Reads JSON as schemaless data: a whole document, or the stretch of one that is a payload. */
export type ReadSchemaless = (bytes: Uint8Array, from?: number, to?: number) => Value

/** A reader for documents that are much alike. */
export function schemalessReader(): ReadSchemaless {
  const repeating = new RepeatingReader({ typed: true, readNumber: readSchemalessNumber })
  return (bytes, from = 0, to = bytes.length) =>
    repeating.read(asBuffer(bytes), from, to) ?? parseSchemaless(bytes, from, to)
}

/** A reader for any document. */
export function parseSchemaless(bytes: Uint8Array, from = 0, to = bytes.length): Value {
  const text = stretchText(bytes, from, to)
  let value: Value
  try {
    value = JSON.parse(text) as Value
  } catch {
    return schemalessFromText(text)
  }
  if (hasPlainNumbers(text)) return value
  const whole = wholeNumbers(value, 0)
  const exact = whole < UNSAFE && (whole === NONE || !(HIDDEN_FRACTION.test(text) || EXPONENT.test(text)))
  return exact ? value : schemalessFromText(text)
}

export const stretchText = (bytes: Uint8Array, from: number, to: number): string =>
  from === 0 && to === bytes.length ? documentText(bytes) : utf8Text(bytes, from, to)

export const schemalessFromText = (text: string): Value =>
  parsing(() => parseJson(text, readSchemalessNumber) as Value)

const NONE = 0
const SAFE = 1
const UNSAFE = 2

/** Whether there are whole numbers, and among them any that JavaScript cannot hold exactly. */
function wholeNumbers(value: Value, depth: number): number {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? SAFE : Number.isInteger(value) ? UNSAFE : NONE
  if (typeof value !== 'object' || value === null) return NONE
  if (depth > MAX_DEPTH)
    throw unreadable(new SyntaxError(`Document nesting depth exceeds the maximum allowed (${MAX_DEPTH})`))
  let found = NONE
  if (Array.isArray(value)) {
    for (const item of value) found = Math.max(found, wholeNumbers(item, depth + 1))
    return found
  }
  for (const name in value) {
    const item = (value as { readonly [name: string]: Value })[name]
    if (typeof item === 'string') continue
    if (typeof item === 'number' && Number.isSafeInteger(item)) {
      if (found === NONE) found = SAFE
    } else found = Math.max(found, wholeNumbers(item ?? null, depth + 1))
  }
  return found
}

function readSchemalessNumber(text: string, integral: boolean): Value {
  const number = Number(text)
  if (!integral) return Number.isSafeInteger(number) ? typedNumber('float64', number + 0) : number
  if (Number.isSafeInteger(number)) return number + 0
  const whole = BigInt(text)
  if (BigInt.asIntN(64, whole) !== whole) throw dataError(`The number ${text} does not fit a 64-bit integer`)
  return whole
}

/** JSON for a reader that knows the schema, with numbers kept as text where it matters. */
export const parseExact = (text: string): ExactJson => parsing(() => parseJson(text, readExactNumber))

function readExactNumber(text: string, integral: boolean): number | NumberText {
  const number = Number(text)
  return integral && Number.isSafeInteger(number) ? number + 0 : new NumberText(text)
}
