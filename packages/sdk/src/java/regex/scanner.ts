import { ConnectError } from '../../errors.ts'
import { type Flags, NO_FLAGS } from './syntax.ts'

/** What stands behind the end of a pattern, so that looking ahead needs no bounds. */
const END = 0
const BACKSLASH = 0x5c
const HASH = 0x23

export const isDigit = (char: number): boolean => char >= 0x30 && char <= 0x39
export const isLatinLetter = (char: number): boolean =>
  (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a)
const isSpace = (char: number): boolean => (char >= 9 && char <= 13) || char === 0x20

/**
 * The code points of a pattern and the position that is being read. In comments mode white space and comments are passed over, except
 * by the methods that say otherwise. What lies at the cursor, and where errors point to, is as in `java.util.regex.Pattern`.
 */
export class Scanner {
  readonly source: string
  readonly #chars: readonly number[]
  cursor = 0
  flags: Flags = NO_FLAGS

  constructor(source: string) {
    this.source = source
    this.#chars = unquoted(Array.from(source, (char) => char.codePointAt(0) ?? 0))
  }

  get length(): number {
    return this.#chars.length
  }

  get atEnd(): boolean {
    return this.cursor >= this.#chars.length
  }

  at(index: number): number {
    return this.#chars[index] ?? END
  }

  peek(): number {
    this.#passAt()
    return this.at(this.cursor)
  }

  /** Moves on by one and looks at what is there. */
  next(): number {
    this.cursor++
    return this.peek()
  }

  /** As `next`, but white space counts. */
  nextRaw(): number {
    return this.at(++this.cursor)
  }

  /** Takes what is at the cursor. */
  read(): number {
    this.#passAt()
    return this.at(this.cursor++)
  }

  readRaw(): number {
    return this.at(this.cursor++)
  }

  /** Takes what follows the cursor, white space or not. */
  skip(): number {
    this.cursor += 2
    return this.at(this.cursor - 1)
  }

  back(): void {
    this.cursor--
  }

  text(from: number, to: number): string {
    return String.fromCodePoint(...this.#chars.slice(from, to))
  }

  indexOf(char: number): number {
    return this.#chars.indexOf(char, this.cursor)
  }

  #passAt(): void {
    if (!this.flags.comments) return
    for (;;) {
      const char = this.at(this.cursor)
      if (isSpace(char)) this.cursor++
      else if (char === HASH) this.#passLine()
      else return
    }
  }

  #passLine(): void {
    while (!this.atEnd && !this.#endsLine(this.at(this.cursor))) this.cursor++
  }

  #endsLine(char: number): boolean {
    if (this.flags.unixLines) return char === 0x0a
    return char === 0x0a || char === 0x0d || char === 0x85 || (char | 1) === 0x2029
  }

  error(what: string): ConnectError {
    const index = this.cursor - 1
    const near = index >= 0 ? ` near index ${index}` : ''
    const pointer = index >= 0 && index < this.source.length ? `\n${indent(this.source, index)}^` : ''
    return new ConnectError('config', `${what}${near}\n${this.source}${pointer}`)
  }
}

const indent = (text: string, length: number): string => text.slice(0, length).replace(/[^\t]/g, ' ')

/** The pattern with what stands between `\Q` and `\E` escaped, wherever it stands. */
function unquoted(chars: readonly number[]): readonly number[] {
  const result: number[] = []
  let quoting = false
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index] ?? END
    const following = chars[index + 1]
    if (quoting) {
      if (char === BACKSLASH && following === 0x45) {
        quoting = false
        index++
      } else if (char > 0x7f || isLatinLetter(char)) result.push(char)
      else if (isDigit(char)) result.push(BACKSLASH, 0x78, 0x33, char)
      else result.push(BACKSLASH, char)
    } else if (char === BACKSLASH && following === 0x51) {
      quoting = true
      index++
    } else if (char === BACKSLASH && following !== undefined) {
      result.push(char, following)
      index++
    } else result.push(char)
  }
  return result
}
