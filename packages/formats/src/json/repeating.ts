import { isUtf8 } from 'node:buffer'
import type { Value } from '@isthmus/sdk'
import { typedNumber } from '@isthmus/sdk/data'
import { type Make, makerOf, NamePath, root, type Token, tokenOf, WORD } from './name-paths.ts'
import type { ReadNumber } from './parse.ts'

/** Of whatever kind of document: a fault, or something that is better left to a parser that knows more. */
const LEFT_TO_OTHERS = Symbol('left to others')

/** A longer document is mostly long texts, which native code copies faster. Texts of a document also keep all of it in memory. */
const LONGEST = 1 << 14
const DEEPEST = 64
/** More are no longer documents of one kind, but keys that are data. */
const MOST_PATHS = 2000
const MOST_FIELDS = 250
/** Each has code of its own, which takes as long to write as a hundred objects to read. */
const MOST_SHAPES = 200
/** A document left to others costs as much as so many saved; when too many were, no more are tried. */
const COST_OF_ONE_LEFT = 10
const PATIENCE = 200

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d
const TENS = Array.from({ length: 16 }, (_, power) => 10 ** power)
/** A double holds so many digits exactly, and their quotient by a power of ten is rounded once. */
const EXACT_DIGITS = 15

/** What becomes of numbers. */
interface Numbers {
  /** Whether a fraction of zero is kept, as a `TypedNumber`. */
  readonly typed: boolean
  /** For those with many digits or an exponent. */
  readonly readNumber: ReadNumber<Value>
}

/**
 * Reads documents that repeat one another, as those of a topic do: which bytes stand between two values is predicted by the documents
 * before, and objects with the same names are made by code of their own and so share a hidden class. `undefined` for what is left to
 * others.
 */
export class RepeatingReader {
  readonly #readNumber: ReadNumber<Value>
  readonly #typed: boolean
  readonly #start = root()
  readonly #values: Value[] = []
  #paths = 0
  #shapes = 0
  #lost = 0
  #bytes: Buffer = Buffer.alloc(0)
  /** Of all the memory that the bytes are a part of: mostly the same for many documents. */
  #view = new DataView(this.#bytes.buffer)
  #offset = 0
  #text = ''
  #from = 0
  #at = 0
  #end = 0
  #top = 0

  constructor({ typed, readNumber }: Numbers) {
    this.#typed = typed
    this.#readNumber = readNumber
  }

  read(bytes: Buffer, from: number, to: number): Value | undefined {
    if (to - from > LONGEST || this.#lost > PATIENCE || bytes[from] !== OPEN) return undefined
    this.#bytes = bytes
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer)
    this.#offset = bytes.byteOffset
    this.#from = from
    this.#at = from
    this.#end = to
    this.#top = 0
    this.#text = bytes.toString('latin1', from, to)
    try {
      const value = this.#object(this.#start, 0)
      if (this.#afterSpace() !== -1) throw LEFT_TO_OTHERS
      if (this.#lost > 0) this.#lost--
      return value
    } catch (error) {
      if (error !== LEFT_TO_OTHERS) throw error
      this.#lost += COST_OF_ONE_LEFT
      return undefined
    }
  }

  #value(path: NamePath, depth: number): Value {
    const byte = this.#bytes[this.#at] as number
    if (byte === QUOTE) return this.#string()
    if (byte <= NINE) return this.#number(byte)
    switch (byte) {
      case OPEN:
        path.inside ??= root()
        return this.#object(path.inside, depth + 1)
      case OPEN_LIST:
        return this.#list(path, depth + 1)
      case 0x74:
        return this.#word(WORDS.true, true)
      case 0x66:
        return this.#word(WORDS.false, false)
      case 0x6e:
        return this.#word(WORDS.null, null)
      default:
        throw LEFT_TO_OTHERS
    }
  }

  #object(start: NamePath, depth: number): Value {
    if (depth > DEEPEST) throw LEFT_TO_OTHERS
    const first = this.#top
    let path = start
    for (;;) {
      const { next } = path
      if (next !== null && this.#matches(next.token)) path = next
      else {
        const found = this.#bytes[this.#at] === CLOSE ? this.#closed() : this.#follow(path)
        if (found === null) break
        path = found
      }
      const value = this.#value(path, depth)
      this.#values[this.#top++] = value
    }
    this.#top = first
    path.make ??= this.#makerOf(path)
    return path.make(this.#values, first)
  }

  #closed(): null {
    this.#at++
    return null
  }

  #matches({ length, words, last }: Token): boolean {
    const start = this.#at
    if (start + length >= this.#end || length < WORD) return false
    const view = this.#view
    let at = start + this.#offset
    if (view.getInt32(at + length - WORD, true) !== last) return false
    for (let i = 0; i < words.length; i++, at += WORD) if (view.getInt32(at, true) !== words[i]) return false
    this.#at = start + length
    return true
  }

  /** The path of the next value when it is not the one that was expected; null at the end of the object. */
  #follow(path: NamePath): NamePath | null {
    const start = this.#at
    const byte = this.#afterSpace()
    if (byte === CLOSE && path.before !== null) return this.#closed()
    if (byte !== (path.before === null ? OPEN : COMMA)) throw LEFT_TO_OTHERS
    this.#at++
    const opening = this.#afterSpace()
    if (opening === CLOSE && byte === OPEN) return this.#closed()
    if (opening !== QUOTE) throw LEFT_TO_OTHERS
    const name = this.#string()
    if (this.#afterSpace() !== COLON) throw LEFT_TO_OTHERS
    this.#at++
    if (this.#afterSpace() === -1) throw LEFT_TO_OTHERS
    const key = this.#text.slice(start - this.#from, this.#at - this.#from)
    path.others ??= new Map()
    let next = path.others.get(key)
    if (next === undefined) {
      if (++this.#paths > MOST_PATHS || path.count === MOST_FIELDS) throw LEFT_TO_OTHERS
      // of two values of one name the last counts
      for (let one = path; one.before !== null; one = one.before) if (one.name === name) throw LEFT_TO_OTHERS
      // copies: a part of a text keeps the whole text
      next = new NamePath(Buffer.from(name, 'utf16le').toString('utf16le'), tokenOf(key), path)
      path.others.set(Buffer.from(key, 'latin1').toString('latin1'), next)
    }
    path.next = next
    return next
  }

  #makerOf(path: NamePath): Make {
    if (++this.#shapes > MOST_SHAPES) throw LEFT_TO_OTHERS
    return makerOf(path.names())
  }

  #list(path: NamePath, depth: number): Value {
    if (depth > DEEPEST) throw LEFT_TO_OTHERS
    const items: Value[] = []
    this.#at++
    if (this.#afterSpace() === CLOSE_LIST) {
      this.#at++
      return items
    }
    for (;;) {
      this.#afterSpace()
      items.push(this.#value(path, depth))
      const byte = this.#afterSpace()
      this.#at++
      if (byte === CLOSE_LIST) return items
      if (byte !== COMMA) throw LEFT_TO_OTHERS
    }
  }

  #word<T>(word: Uint8Array, value: T): T {
    const bytes = this.#bytes
    const at = this.#at
    for (let i = 1; i < word.length; i++) if (bytes[at + i] !== word[i]) throw LEFT_TO_OTHERS
    this.#at = at + word.length
    return value
  }

  #string(): string {
    const bytes = this.#bytes
    const start = this.#at + 1
    const end = this.#end
    let at = start
    let any = 0
    let escaped = false
    for (; ; at++) {
      if (at >= end) throw LEFT_TO_OTHERS
      const byte = bytes[at] as number
      if (byte === QUOTE) break
      if (byte < 0x20) throw LEFT_TO_OTHERS
      if (byte === BACKSLASH) {
        escaped = true
        at++
      }
      any |= byte
    }
    this.#at = at + 1
    if (any > 0x7f || escaped) return this.#decoded(start, at, escaped)
    return this.#text.slice(start - this.#from, at - this.#from)
  }

  /** A string with characters that are not ASCII, or with escapes. */
  #decoded(start: number, end: number, escaped: boolean): string {
    const text = this.#bytes.toString('utf8', start, end)
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(start, end))) throw LEFT_TO_OTHERS
    if (!escaped) return text
    try {
      return JSON.parse(`"${text}"`) as string
    } catch {
      throw LEFT_TO_OTHERS
    }
  }

  #number(sign: number): Value {
    const bytes = this.#bytes
    let at = sign === MINUS ? this.#at + 1 : this.#at
    const first = at
    let digits = 0
    let byte = bytes[at] as number
    for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) digits = digits * 10 + (byte - ZERO)
    let length = at - first
    if (length === 0 || (length > 1 && bytes[first] === ZERO)) throw LEFT_TO_OTHERS
    let places = 0
    if (byte === POINT) {
      byte = bytes[++at] as number
      const point = at
      for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) digits = digits * 10 + (byte - ZERO)
      places = at - point
      if (places === 0) throw LEFT_TO_OTHERS
      length += places
    }
    if (length > EXACT_DIGITS || byte === 0x65 || byte === 0x45) return this.#longNumber(at, places === 0)
    this.#at = at
    // not a negation: there is no negative zero
    if (sign === MINUS) digits = 0 - digits
    if (places === 0) return digits
    const number = digits / (TENS[places] as number)
    return this.#typed && Number.isInteger(number) ? typedNumber('float64', number) : number
  }

  #longNumber(digitsEnd: number, integral: boolean): Value {
    const bytes = this.#bytes
    let at = digitsEnd
    let byte = bytes[at] as number
    if (byte === 0x65 || byte === 0x45) {
      integral = false
      byte = bytes[++at] as number
      if (byte === MINUS || byte === 0x2b) byte = bytes[++at] as number
      const first = at
      while (byte >= ZERO && byte <= NINE) byte = bytes[++at] as number
      if (at === first) throw LEFT_TO_OTHERS
    }
    const text = this.#text.slice(this.#at - this.#from, at - this.#from)
    this.#at = at
    try {
      return this.#readNumber(text, integral)
    } catch {
      // it may not count: a name can come again
      throw LEFT_TO_OTHERS
    }
  }

  /** The next byte that is no white space; -1 at the end. */
  #afterSpace(): number {
    const bytes = this.#bytes
    const end = this.#end
    for (let at = this.#at; at < end; at++) {
      const byte = bytes[at] as number
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue
      this.#at = at
      return byte
    }
    this.#at = end
    return -1
  }
}

const WORDS = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') }
