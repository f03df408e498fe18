import { KafkaError } from '../errors.ts'

/** Client property text by name, as in a Java `.properties` file. */
export type ClientProps = { readonly [name: string]: string }

export interface Property<T> {
  readonly fallback: T
  /** Of trimmed text; throws CONFIG. */
  readonly parse: (text: string, name: string) => T
}
export type Table = { readonly [name: string]: Property<unknown> }
/** The values of a table's properties, under their names on file. */
export type OptionsOf<T extends Table> = {
  readonly [K in keyof T]: T[K] extends Property<infer V> ? V : never
}

interface Range {
  readonly min?: number
  readonly max?: number
}
/** Java's `Integer.MAX_VALUE`. */
export const INT_MAX = 2 ** 31 - 1

function number(javaType: 'INT' | 'LONG' | 'SHORT', fallback: number, { min, max }: Range): Property<number> {
  const limit = javaType === 'INT' ? INT_MAX : javaType === 'SHORT' ? 2 ** 15 - 1 : Number.MAX_SAFE_INTEGER
  return {
    fallback,
    parse(text, name) {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      // Java's longs go further than a number's exact range; whoever writes 2^63-1 means "without limit"
      const most = javaType === 'LONG' ? 2 ** 63 : limit
      if (Number.isNaN(value) || value > most || value < -most - 1)
        throw unfit(name, text, `Not a number of type ${javaType}`)
      return inRange(name, Math.min(value, limit), min, max)
    },
  }
}
function inRange(name: string, value: number, min?: number, max?: number): number {
  if (min !== undefined && value < min) throw unfit(name, value, `Value must be at least ${min}`)
  if (max !== undefined && value > max) throw unfit(name, value, `Value must be no more than ${max}`)
  return value
}

export const int = (fallback: number, range: Range = {}): Property<number> => number('INT', fallback, range)
export const long = (fallback: number, range: Range = {}): Property<number> => number('LONG', fallback, range)
export const short = (fallback: number, range: Range = {}): Property<number> =>
  number('SHORT', fallback, range)
export const double = (fallback: number, { min, max }: Range = {}): Property<number> => ({
  fallback,
  parse(text, name) {
    const value = text === '' ? Number.NaN : Number(text)
    if (Number.isNaN(value)) throw unfit(name, text, 'Not a number of type DOUBLE')
    return inRange(name, value, min, max)
  },
})
export const boolean = (fallback: boolean): Property<boolean> => ({
  fallback,
  parse(text, name) {
    const lower = text.toLowerCase()
    if (lower !== 'true' && lower !== 'false')
      throw unfit(name, text, 'Expected value to be either true or false')
    return lower === 'true'
  },
})
export const string = <F extends string | null>(fallback: F): Property<string | F> => ({
  fallback,
  parse: (text) => text,
})
export const nonEmpty = <F extends string | null>(fallback: F): Property<string | F> => ({
  fallback,
  parse(text, name) {
    if (text === '') throw unfit(name, text, 'String must be non-empty')
    return text
  },
})
export const list = (fallback: readonly string[]): Property<readonly string[]> => ({
  fallback,
  parse(text, name) {
    if (text === '') return []
    const entries = text.split(',').map((entry) => entry.trim())
    if (entries.includes(''))
      throw new KafkaError('CONFIG', `Configuration '${name}' values must not be empty.`)
    return entries
  },
})
/** One of the given words. */
export const oneOf = <W extends string>(fallback: W, ...words: readonly W[]): Property<W> => ({
  fallback,
  parse(text, name) {
    const found = words.find((w) => w === text)
    if (found === undefined) throw unfit(name, text, `String must be one of: ${words.join(', ')}`)
    return found
  },
})
/** As `oneOf`, in any case of letters. */
export const oneOfAnyCase = <W extends string>(fallback: W, ...words: readonly W[]): Property<W> => ({
  fallback,
  parse(text, name) {
    const found = words.find((w) => w.toLowerCase() === text.toLowerCase())
    if (found === undefined)
      throw unfit(name, text, `String must be one of (case insensitive): ${words.join(', ').toUpperCase()}`)
    return found
  },
})

/** Values of all properties of `table`; throws CONFIG, in Java's words, for what does not fit. Other properties are not looked at. */
export function parseProperties<T extends Table>(table: T, props: ClientProps): OptionsOf<T> {
  const options: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(table)) {
    const text = props[name]
    options[name] = text === undefined ? property.fallback : property.parse(text.trim(), name)
  }
  return options as OptionsOf<T>
}

export function unfit(name: string, value: unknown, problem: string): KafkaError {
  return new KafkaError('CONFIG', `Invalid value ${value} for configuration ${name}: ${problem}`)
}
