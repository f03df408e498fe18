import type { ConfigDef, ConfigKey, ConfigType } from '../config/def.ts'
import { defaultOf, validationMessage } from '../config/parse.ts'
import { isSecret } from '../config/secret.ts'

const IMPORTANCE: readonly unknown[] = ['high', 'medium', 'low'] satisfies ConfigKey['importance'][]
const FUNCTIONS = ['validate', 'recommend', 'visible'] as const

/** Whether a default is of a type, as text that is parsed and null are of any. */
const IS: { readonly [type in ConfigType]: (value: unknown) => boolean } = {
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  class: (value) => typeof value === 'string',
  password: isSecret,
  list: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  short: (value) => isWhole(value, 2 ** 15),
  int: (value) => isWhole(value, 2 ** 31),
  // Long.MAX_VALUE is a usual default, and lies beyond what a number holds exactly
  long: (value) => isWhole(value, 2 ** 63) || value === 2 ** 63,
  double: (value) => typeof value === 'number',
}
const isWhole = (value: unknown, bound: number): boolean =>
  Number.isInteger(value) && (value as number) >= -bound && (value as number) < bound

/** What is wrong with how a property is defined, apart from its type, as a sentence that goes on after its name; null where nothing is. */
export function propertyFault(name: string, key: ConfigKey, def: ConfigDef): string | null {
  if (name === 'raw') return "is called 'raw', which is what a config calls its texts"
  if (!IMPORTANCE.includes(key.importance))
    return `has the importance ${said(key.importance)}, which is none of 'high', 'medium', 'low'`
  if (typeof key.doc !== 'string') return "has no 'doc', the sentence that tells users what it is for"
  for (const one of FUNCTIONS)
    if (key[one] !== undefined && typeof key[one] !== 'function')
      return `has a '${one}' that is no function: ${said(key[one])}`
  const stranger = key.dependents?.find((dependent) => !Object.hasOwn(def, dependent))
  if (stranger !== undefined) return `has the dependent '${stranger}', which is not defined`
  return defaultFault(name, key)
}

function defaultFault(name: string, key: ConfigKey): string | null {
  if (key.default === undefined)
    return key.internal === true
      ? 'is internal and has no default, which the config of its connector would need'
      : null
  const has = `has the default ${said(key.default)}`
  let value: unknown
  try {
    value = defaultOf(name, key)
  } catch {
    return `${has}, which is no ${key.type}`
  }
  if (value !== null && !IS[key.type](value)) return `${has}, which is no ${key.type}`
  try {
    const message = validationMessage(name, key, value)
    return message === null ? null : `${has}, which its own 'validate' refuses: ${message}`
  } catch (error) {
    return `${has}, for which its own 'validate' throws ${String(error)}`
  }
}

const said = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value}'`
    : Array.isArray(value)
      ? `[${value.map(said).join(', ')}]`
      : String(value)
