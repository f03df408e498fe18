import { ConnectError } from '../errors.ts'
import { doubleText, parseJavaDouble, parseJavaInteger } from '../java/number-text.ts'
import { javaTrim } from '../java/trim.ts'
import type { ConfigDef, ConfigKey, ConfigOf, ConfigType } from './def.ts'
import { secret } from './secret.ts'

export interface ParseOptions {
  /** Whether a class name is known; without it any name is a class. */
  readonly hasClass?: (name: string) => boolean
}

const INTEGER_BITS: { readonly [type: string]: bigint } = { short: 15n, int: 31n, long: 63n }
const LONG_MAX = 2n ** 63n - 1n

/** With Java's white space around it; looked for only where that begins, so that a megabyte of blanks takes no time. */
const COMMA = /(?<![ \t\n\v\f\r])[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/

/** A configuration value as Java prints it in messages. */
export function configText(value: unknown, type?: ConfigType): string {
  if (Array.isArray(value)) return `[${value.map((item) => configText(item)).join(', ')}]`
  if (typeof value === 'number' && type === 'double') return doubleText(value)
  if (typeof value === 'number' && type === 'long') return longText(value)
  return String(value)
}

/** Long.MAX_VALUE is a usual default and lies beyond what a number holds. */
function longText(value: number): string {
  const whole = BigInt(Math.trunc(value))
  return String(whole > LONG_MAX ? LONG_MAX : whole)
}

const invalidValue = (name: string, value: string, reason: string): ConnectError =>
  new ConnectError('config', `Invalid value ${value} for configuration ${name}: ${reason}`)

/** Text to a typed value, in Java's words when it does not fit; `null` stays null. */
export function parseValue(
  name: string,
  text: string | null,
  type: ConfigType,
  options: ParseOptions = {},
): unknown {
  if (text === null) return null
  const trimmed = javaTrim(text)
  switch (type) {
    case 'string':
      return trimmed
    case 'boolean': {
      const lower = trimmed.toLowerCase()
      if (lower === 'true') return true
      if (lower === 'false') return false
      throw invalidValue(name, text, 'Expected value to be either true or false')
    }
    case 'password':
      return secret(trimmed)
    case 'list':
      return trimmed === '' ? [] : trimmed.split(COMMA)
    case 'class':
      if (options.hasClass?.(trimmed) === false)
        throw invalidValue(name, text, `Class ${text} could not be found.`)
      return trimmed
    case 'double': {
      const number = parseJavaDouble(trimmed)
      if (number === null) throw invalidValue(name, text, 'Not a number of type DOUBLE')
      return number
    }
    default: {
      const number = parseJavaInteger(trimmed)
      const bound = 1n << (INTEGER_BITS[type] ?? 63n)
      if (number === null || number < -bound || number >= bound)
        throw invalidValue(name, text, `Not a number of type ${type.toUpperCase()}`)
      return Number(number)
    }
  }
}

/** The default as a typed value; `undefined` when the property is required. */
export function defaultOf(name: string, key: ConfigKey): unknown {
  const value = key.default
  return typeof value === 'string' ? parseValue(name, value, key.type) : value
}

export const missingMessage = (name: string): string =>
  `Missing required configuration "${name}" which has no default value.`

/** What the property's validator says, as the whole message. */
export function validationMessage(name: string, key: ConfigKey, value: unknown): string | null {
  const complaint = key.validate?.(value, name) ?? null
  if (complaint === null) return null
  if (typeof complaint !== 'string') return complaint.message
  return `Invalid value ${configText(value, key.type)} for configuration ${name}: ${complaint}`
}

/**
 * The properties as typed values, for use: throws a `config` error for the first that is missing or wrong. Properties
 * outside the definition stay in `raw`.
 */
export function parseConfig<const D extends ConfigDef>(
  def: D,
  props: { readonly [name: string]: string | null },
  options: ParseOptions = {},
): ConfigOf<D> {
  const undefinedNames = undefinedDependents(def)
  if (undefinedNames.length > 0)
    throw new ConnectError(
      'config',
      `Some configurations in are referred in the dependents, but not defined: ${undefinedNames.join(',')}`,
    )
  const values: { [name: string]: unknown } = {}
  for (const [name, key] of Object.entries(def)) values[name] = valueForUse(name, key, props, options)
  values['raw'] = props
  return values as ConfigOf<D>
}

function valueForUse(
  name: string,
  key: ConfigKey,
  props: { readonly [name: string]: string | null },
  options: ParseOptions,
): unknown {
  let value = Object.hasOwn(props, name)
    ? parseValue(name, props[name] ?? null, key.type, options)
    : defaultOf(name, key)
  if (value === undefined) throw new ConnectError('config', missingMessage(name))
  if (key.validate?.distinct === true && Array.isArray(value)) value = [...new Set(value)]
  const message = validationMessage(name, key, value)
  if (message !== null) throw new ConnectError('config', message)
  return value
}

export function undefinedDependents(def: ConfigDef): string[] {
  const names = new Set(Object.values(def).flatMap((key) => key.dependents ?? []))
  return [...names].filter((name) => !Object.hasOwn(def, name))
}
