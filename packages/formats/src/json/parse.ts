import { setField, type Value } from '@isthmus/sdk'

/** What a number in the text becomes; `integral` tells that it has neither fraction nor exponent. */
export type ReadNumber<N> = (text: string, integral: boolean) => N
export type Json<N> = null | boolean | string | N | readonly Json<N>[] | { readonly [name: string]: Json<N> }

/** As deep as Java's parser goes. */
export const MAX_DEPTH = 1000

/**
 * The first JSON value of a text, read as leniently as Java's parser does: numbers may begin with zeros, text after the value does
 * not matter, nothing at all is null. For what `JSON.parse` refuses or would misrepresent.
 */
export function parseJson<N>(text: string, readNumber: ReadNumber<N>): Json<N> {
  const parser = new Parser(text, readNumber)
  return parser.document()
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const DIGIT = (code: number): boolean => code >= 0x30 && code <= 0x39
const SPACE = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

class Parser<N> {
  readonly #text: string
  readonly #readNumber: ReadNumber<N>
  #at = 0

  constructor(text: string, readNumber: ReadNumber<N>) {
    this.#text = text
    this.#readNumber = readNumber
  }

  document(): Json<N> {
    this.#skipSpace()
    if (this.#at === this.#text.length) return null
    const value = this.#value(0)
    const text = this.#text
    // After a number or a word only space may follow; after a string, list or object anything may.
    const closed = '"]}'.includes(text[this.#at - 1] ?? '')
    if (!closed && this.#at < text.length && !SPACE(text.charCodeAt(this.#at))) throw this.#unexpected()
    return value
  }

  #value(depth: number): Json<N> {
    if (depth > MAX_DEPTH)
      throw new SyntaxError(`Document nesting depth exceeds the maximum allowed (${MAX_DEPTH})`)
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #array(depth: number): Json<N> {
    const items: Json<N>[] = []
    this.#at++
    if (this.#take(']')) return items
    do {
      this.#skipSpace()
      items.push(this.#value(depth + 1))
    } while (this.#take(','))
    if (!this.#take(']')) throw this.#unexpected()
    return items
  }

  #object(depth: number): Json<N> {
    const object: { [name: string]: Json<N> } = {}
    this.#at++
    if (this.#take('}')) return object
    do {
      this.#skipSpace()
      const name = this.#string()
      if (!this.#take(':')) throw this.#unexpected()
      this.#skipSpace()
      setField(object as { [name: string]: Value }, name, this.#value(depth + 1) as Value)
    } while (this.#take(','))
    if (!this.#take('}')) throw this.#unexpected()
    return object
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected()
    this.#at += word.length
    return value
  }

  #number(): N {
    const text = this.#text
    const start = this.#at
    if (text[this.#at] === '-') this.#at++
    this.#digits()
    let integral = true
    if (text[this.#at] === '.') {
      integral = false
      this.#at++
      this.#digits()
    }
    const exponent = text[this.#at]
    if (exponent === 'e' || exponent === 'E') {
      integral = false
      this.#at++
      const sign = text[this.#at]
      if (sign === '+' || sign === '-') this.#at++
      this.#digits()
    }
    return this.#readNumber(text.slice(start, this.#at), integral)
  }

  /** At least one digit. */
  #digits(): void {
    const start = this.#at
    while (DIGIT(this.#text.charCodeAt(this.#at))) this.#at++
    if (this.#at === start) throw this.#unexpected()
  }

  /** A string with escapes, or with what no string may hold, is left to `JSON.parse`. */
  #string(): string {
    const text = this.#text
    const start = this.#at
    if (text.charCodeAt(start) !== QUOTE) throw this.#unexpected()
    let plain = true
    let end = start + 1
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code === QUOTE) break
      if (code === BACKSLASH) end++
      if (code === BACKSLASH || code < 0x20) plain = false
    }
    if (end >= text.length) throw new SyntaxError(`Unterminated string at position ${start}`)
    this.#at = end + 1
    return plain ? text.slice(start + 1, end) : (JSON.parse(text.slice(start, end + 1)) as string)
  }

  #skipSpace(): void {
    while (SPACE(this.#text.charCodeAt(this.#at))) this.#at++
  }

  /** Takes the character if it comes next, after white space. */
  #take(char: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #unexpected(): SyntaxError {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'end of input'
    return new SyntaxError(`Unexpected ${found} at position ${this.#at}`)
  }
}

const ENVELOPE = /\s*\{\s*"schema"\s*:\s*/y
const PAYLOAD = /\s*,\s*"payload"\s*:\s*/y
const PUNCTUATION = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/gs

/**
 * Where schema and payload begin in an envelope written in this order; null for any other text. The text is known to be JSON.
 */
export function envelopeParts(
  text: string,
): { schemaAt: number; schemaEnd: number; payloadAt: number } | null {
  ENVELOPE.lastIndex = 0
  if (!ENVELOPE.test(text)) return null
  const schemaAt = ENVELOPE.lastIndex
  const schemaEnd = endOfValue(text, schemaAt)
  PAYLOAD.lastIndex = schemaEnd
  return PAYLOAD.test(text) ? { schemaAt, schemaEnd, payloadAt: PAYLOAD.lastIndex } : null
}

/** The end of a member's value: the comma or brace that closes it, not those inside. */
function endOfValue(text: string, start: number): number {
  PUNCTUATION.lastIndex = start
  let depth = 0
  for (let match = PUNCTUATION.exec(text); match !== null; match = PUNCTUATION.exec(text)) {
    const char = match[0]
    if (depth === 0 && (char === ',' || char === '}')) return match.index
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') depth--
  }
  return text.length
}
