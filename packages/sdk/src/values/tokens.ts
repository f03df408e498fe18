import { javaTrim } from '../java/trim.ts'

const isBlank = (text: string): boolean => javaTrim(text) === ''
const DELIMITERS = ':,{}[]"'

/**
 * Cuts text at each unescaped delimiter; a delimiter is a token of its own. `\` escapes the next character and stays
 * in the token. One token may be read ahead.
 */
export class Tokens {
  readonly original: string
  #index = 0
  #ahead: string | null = null
  previous: string | null = null

  constructor(original: string) {
    this.original = original
  }

  get position(): number {
    return this.#index
  }

  mark(): number {
    return this.#index - (this.#ahead?.length ?? 0)
  }

  rewindTo(position: number): void {
    this.#index = position
    this.#ahead = null
    this.previous = null
  }

  hasNext(): boolean {
    return this.#ahead !== null || this.#index < this.original.length
  }

  next(): string {
    this.previous = this.#ahead ?? this.#cut()
    this.#ahead = null
    return this.previous
  }

  /** The text of the next `count` tokens, or null (and nothing consumed) when there are fewer. */
  nextJoined(count: number): string | null {
    const start = this.mark()
    for (let taken = 0; taken < count; taken++) {
      if (!this.hasNext()) {
        this.rewindTo(start)
        return null
      }
      this.next()
    }
    return this.original.slice(start, this.#index)
  }

  /** Takes the next token if it is the expected one; blank tokens before it and white space around it do not matter. */
  take(expected: string): boolean {
    if (this.#ahead === null) {
      if (!this.hasNext()) return false
      this.#ahead = this.#cut()
    }
    while (isBlank(this.#ahead) && this.#index < this.original.length) this.#ahead = this.#cut()
    if (javaTrim(this.#ahead) !== expected) return false
    this.#ahead = null
    return true
  }

  #cut(): string {
    const { original } = this
    const start = this.#index
    let escaped = false
    for (let index = start; index < original.length; index++) {
      const char = original[index] ?? ''
      if (char === '\\') escaped = !escaped
      else if (!escaped && DELIMITERS.includes(char)) {
        this.#index = index === start ? start + 1 : index
        return original.slice(start, this.#index)
      } else escaped = false
    }
    this.#index = original.length
    return original.slice(start)
  }
}
