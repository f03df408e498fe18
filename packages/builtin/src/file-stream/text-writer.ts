import type { Schema, StructSchema, Value } from '@isthmus/sdk'
import { NUMBER_KIND } from '@isthmus/sdk/data'
import { javaText } from '@isthmus/sdk/java'

const FIRST_BYTES = 1 << 16
/** Of a character of JavaScript in UTF-8. */
const BYTES_MOST = 3
/** Up to so many characters a loop takes less time than a call into native code. */
const SHORT = 24
/** Of a number, with its sign and what may stand around it. */
const NUMBER_BYTES = 32
const WORD = 4
/** Of what stands between values. */
const FEW_BYTES = 8
const MOST_LABELS = 10_000

/** `name=` in bytes, padded to whole words, which are copied faster. */
class Label {
  readonly name: string
  readonly words: Int32Array
  readonly size: number
  /** What followed the last time. */
  next: Label | null = null

  constructor(name: string) {
    const text = Buffer.from(`${wholeCharacters(name)}=`)
    const padded = Buffer.alloc(Math.ceil(text.length / WORD) * WORD, text)
    this.name = name
    this.size = text.length
    this.words = Int32Array.from({ length: padded.length / WORD }, (_, at) => padded.readInt32LE(at * WORD))
  }
}

/** Java writes half a character as a question mark. */
const wholeCharacters = (text: string): string =>
  text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?')

const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1e6, 1e7, 1e8, 1e9]
const MOST_PLACES = 4
const BILLION = 1_000_000_000

/**
 * Collects values as `javaText` gives them, in bytes: numbers, names and short texts are written digit by digit, and no text is made
 * that would be thrown away. What is rare is left to `javaText`.
 */
export class TextWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #view = new DataView(this.#buffer.buffer)
  #at = 0
  #labels = new Map<string, Label>()
  #start = new Label('')
  readonly #structs = new WeakMap<StructSchema, readonly Label[]>()

  /** Forgets what was written. */
  restart(): void {
    this.#at = 0
  }
  /** Everything since `restart`; the writer's own memory. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at)
  }

  value(value: Value | undefined, schema: Schema | null): void {
    if (typeof value === 'string') this.text(value)
    else if (typeof value === 'number') this.#number(value, schema)
    else if (typeof value === 'boolean') this.#boolean(value)
    else if (value === null || value === undefined) this.text('null')
    else if (typeof value === 'bigint') this.#bigint(value)
    else if (schema === null && Array.isArray(value)) this.#list(value)
    else if (schema?.type === 'array' && Array.isArray(value)) this.#list(value, schema.items)
    else if (schema === null && isPlain(value)) this.#map(value as { readonly [name: string]: Value })
    else if (schema?.type === 'struct' && isPlain(value))
      this.#struct(value as { readonly [name: string]: Value }, schema)
    else this.text(javaText(value, schema))
  }

  text(text: string): void {
    const { length } = text
    this.#reserve(length * BYTES_MOST)
    if (length > SHORT) {
      this.#encode(text)
      return
    }
    const buffer = this.#buffer
    const at = this.#at
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.#encode(text)
        return
      }
      buffer[at + i] = code
    }
    this.#at = at + length
  }

  #encode(text: string): void {
    const size = this.#buffer.write(text, this.#at)
    // text in ASCII is whole
    this.#at +=
      size === text.length || text.isWellFormed() ? size : this.#buffer.write(wholeCharacters(text), this.#at)
  }

  /** Makes room for so many bytes and for a few behind them: what closes or separates is written without asking. */
  #reserve(more: number): void {
    const needed = this.#at + more + FEW_BYTES
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, needed))
    larger.set(this.#buffer.subarray(0, this.#at))
    this.#buffer = larger
    this.#view = new DataView(larger.buffer)
  }

  #list(items: readonly Value[], schema: Schema | null = null): void {
    this.text('[')
    for (let i = 0; i < items.length; i++) {
      if (i > 0) this.text(', ')
      this.value(items[i], schema)
    }
    this.text(']')
  }

  #map(map: { readonly [name: string]: Value }): void {
    this.#reserve(NUMBER_BYTES)
    this.#buffer[this.#at++] = OPEN
    const start = this.#at
    let label = this.#start
    for (const name in map) {
      label = label.next?.name === name ? label.next : this.#follow(label, name)
      this.#label(label)
      const item = map[name]
      if (typeof item === 'string') this.text(item)
      else if (typeof item === 'number') this.#number(item, null)
      else this.value(item, null)
      this.#buffer[this.#at++] = COMMA
      this.#buffer[this.#at++] = SPACE
    }
    if (this.#at > start) this.#at -= 2
    this.#buffer[this.#at++] = CLOSE
    this.#reserve(0)
  }

  #follow(before: Label, name: string): Label {
    let label = this.#labels.get(name)
    if (label === undefined) {
      if (this.#labels.size === MOST_LABELS) this.#labels.clear()
      label = new Label(name)
      this.#labels.set(name, label)
    }
    before.next = label
    return label
  }

  #struct(struct: { readonly [name: string]: Value }, schema: StructSchema): void {
    let labels = this.#structs.get(schema)
    if (labels === undefined) {
      labels = schema.fields.map(({ name }) => new Label(name))
      this.#structs.set(schema, labels)
    }
    const start = this.#at
    this.text('Struct{')
    const inside = this.#at
    let index = 0
    for (const name in struct) {
      while (index < labels.length && labels[index]?.name !== name) index++
      const label = labels[index]
      // fields in another order, or properties that are none
      if (label === undefined) {
        this.#at = start
        this.text(javaText(struct, schema))
        return
      }
      const value = struct[name]
      if (value === null || value === undefined) continue
      if (this.#at > inside) this.text(',')
      this.#label(label)
      this.value(value, schema.fields[index++]?.schema ?? null)
    }
    this.text('}')
  }

  #label({ words, size }: Label): void {
    this.#reserve(words.length * WORD)
    const view = this.#view
    let at = this.#at
    this.#at = at + size
    for (let i = 0; i < words.length; i++, at += WORD) view.setInt32(at, words[i] as number, true)
  }

  #bigint(value: bigint): void {
    const number = Number(value)
    if (Number.isSafeInteger(number)) this.#integer(number)
    else this.text(String(value))
  }

  #number(value: number, schema: Schema | null): void {
    const type = schema?.type
    if (type !== 'float64' && type !== 'float32' && Number.isSafeInteger(value)) this.#integer(value)
    else if (type === 'float32' || !this.#shortFraction(value)) this.text(javaText(value, schema))
  }

  #boolean(value: boolean): void {
    this.#reserve(WORD)
    this.#view.setInt32(this.#at, value ? TRUE : FALS, true)
    this.#at += WORD
    if (!value) this.#buffer[this.#at++] = 0x65
  }

  #integer(value: number): void {
    this.#reserve(NUMBER_BYTES)
    if (value < 0) this.#buffer[this.#at++] = MINUS
    this.#digits(value < 0 ? -value : value, 1)
  }

  /** At least so many digits of a whole number that is not negative. */
  #digits(value: number, least: number): void {
    const buffer = this.#buffer
    let rest = value
    if (rest >= BILLION) {
      const high = Math.floor(rest / BILLION)
      this.#digits(high, 1)
      rest -= high * BILLION
      least = 9
    }
    rest |= 0
    let count = least
    while (count < 9 && rest >= (POWERS[count] as number)) count++
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0
      buffer[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.#at += count
  }

  /**
   * A number with a few digits behind the point. A decimal of at most 15 digits is the shortest there is for the double it is rounded
   * to, so the first that gives the number back is what Java writes.
   */
  #shortFraction(value: number): boolean {
    const magnitude = value < 0 ? -value : value
    if (!(magnitude >= 1e-3 && magnitude < 1e7)) return false
    for (let places = 1; places <= MOST_PLACES; places++) {
      const power = POWERS[places] as number
      const digits = Math.round(magnitude * power)
      if (digits / power !== magnitude) continue
      this.#reserve(NUMBER_BYTES)
      if (value < 0) this.#buffer[this.#at++] = MINUS
      const whole = Math.floor(magnitude)
      this.#digits(whole, 1)
      this.#buffer[this.#at++] = POINT
      this.#digits(digits - whole * power, places)
      return true
    }
    return false
  }
}

const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c
const SPACE = 0x20
const ZERO = 0x30
/** `true` and `fals` as words. */
const TRUE = 0x65757274
const FALS = 0x736c6166
const MINUS = 0x2d
const POINT = 0x2e

/** Neither of the objects that stand for something else than their properties. */
const isPlain = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype && !(NUMBER_KIND in value)
