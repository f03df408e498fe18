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

const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?/y
const LITERAL = /(?:true|false|null)(?![A-Za-z0-9_$])/y
const LITERALS: { readonly [name: string]: boolean | null } = { true: true, false: false, null: null }

class Parser<N> {
  readonly #text: string
  readonly #readNumber: ReadNumber<N>
  #at = 0

  constructor(text: string, readNumber: ReadNumber<N>) {
    this.#text = text
    this.#readNumber = readNumber
  }

  document(): Json<N> {
    this.#take(SPACE)
    if (this.#at === this.#text.length) return null
    const value = this.#value(0)
    const next = this.#text[this.#at]
    const numeric = /[0-9]/.test(this.#text[this.#at - 1] ?? '')
    if (numeric && next !== undefined && !/[ \t\n\r]/.test(next)) throw this.#unexpected()
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
    }
    const literal = this.#take(LITERAL)
    if (literal !== null) return LITERALS[literal] ?? null
    const number = this.#take(NUMBER)
    if (number === null) throw this.#unexpected()
    return this.#readNumber(number, !/[.eE]/.test(number))
  }

  #array(depth: number): Json<N> {
    const items: Json<N>[] = []
    this.#at++
    if (this.#next(']')) return items
    do {
      this.#take(SPACE)
      items.push(this.#value(depth + 1))
    } while (this.#next(','))
    if (!this.#next(']')) throw this.#unexpected()
    return items
  }

  #object(depth: number): Json<N> {
    const object: { [name: string]: Json<N> } = {}
    this.#at++
    if (this.#next('}')) return object
    do {
      this.#take(SPACE)
      const name = this.#string()
      if (!this.#next(':')) throw this.#unexpected()
      this.#take(SPACE)
      setField(object as { [name: string]: Value }, name, this.#value(depth + 1) as Value)
    } while (this.#next(','))
    if (!this.#next('}')) throw this.#unexpected()
    return object
  }

  /** To the next quote that no backslash escapes; what lies between is left to `JSON.parse`. */
  #string(): string {
    if (this.#text[this.#at] !== '"') throw this.#unexpected()
    let end = this.#at
    let escapes: number
    do {
      end = this.#text.indexOf('"', end + 1)
      if (end < 0) throw new SyntaxError(`Unterminated string at position ${this.#at}`)
      escapes = 0
      while (this.#text[end - 1 - escapes] === '\\') escapes++
    } while (escapes % 2 === 1)
    const text = this.#text.slice(this.#at, end + 1)
    this.#at = end + 1
    return JSON.parse(text) as string
  }

  /** Takes the character if it comes next, after white space. */
  #next(char: string): boolean {
    this.#take(SPACE)
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) return null
    this.#at = pattern.lastIndex
    return match[0]
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
