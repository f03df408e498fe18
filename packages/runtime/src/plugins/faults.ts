import { type ConfigDef, type ConfigKey, ConnectError, codeOf, type MaybePromise } from '@isthmus/sdk'
import { propertyFault } from '@isthmus/sdk/checks'
import { type Fields, isObject } from '../text/fields.ts'
import { didYouMean, nearest } from '../text/nearest.ts'
import type { PluginType } from './descriptor.ts'

/** What authors of plugins get wrong where no type checker tells them, each as a sentence about the plugin. */

export const TYPES: readonly PluginType[] = [
  'source',
  'sink',
  'converter',
  'header_converter',
  'transformation',
  'predicate',
  'config_provider',
]
const FUNCTIONS: { readonly [type in PluginType]: readonly string[] } = {
  source: ['connector', 'task'],
  sink: ['connector', 'task'],
  converter: ['open'],
  header_converter: ['open'],
  transformation: ['open'],
  predicate: ['open'],
  config_provider: ['open'],
}
const CONFIG_TYPES = ['boolean', 'string', 'int', 'short', 'long', 'double', 'list', 'class', 'password']
/** What others call these types. */
const CONFIG_WORDS: { readonly [word: string]: string } = {
  integer: 'int',
  number: 'int',
  int32: 'int',
  int64: 'long',
  bigint: 'long',
  float: 'double',
  bool: 'boolean',
  text: 'string',
  array: 'list',
  secret: 'password',
  enum: 'string',
}

/** Whether it says what it is: its class and its kind. Only then can a config name it. */
export const isNamed = (value: unknown): value is { readonly class: string; readonly type: PluginType } =>
  isObject(value) && typeof value['class'] === 'string' && TYPES.includes(value['type'] as PluginType)

/** Of an export that looks as if it were to be a plugin, and of which nobody can tell which; null for any other. */
export function namingFault(value: unknown): string | null {
  if (!isObject(value) || isNamed(value)) return null
  const { type, class: name } = value
  const isPluginLike = ['open', 'task', 'connector', 'config'].some((one) => Object.hasOwn(value, one))
  if (typeof name === 'string' && (typeof type === 'string' || isPluginLike))
    return typeof type === 'string'
      ? `its type '${type}' is none of ${TYPES.join(', ')}${didYouMean(type, TYPES)}`
      : `it has no 'type', which is one of ${TYPES.join(', ')}`
  if (TYPES.includes(type as PluginType) && isPluginLike)
    return "it has no 'class', the name that connector configs call it by"
  return null
}

/** Of a plugin that says what it is: what keeps it from being used; null for one that is right as far as can be seen. */
export function pluginFault(value: { readonly class: string; readonly type: PluginType }): string | null {
  const { config, lacks } = value as unknown as Fields
  if (isObject(lacks)) return lackOf(String(lacks['name']), lacks['given'] as readonly string[])
  if (config === undefined) return "it has no 'config'; one without properties has `config: {}`"
  if (!isObject(config)) return "its 'config' is no object of property definitions"
  for (const [name, key] of Object.entries(config)) {
    if (!isObject(key)) return `its config property '${name}' is no object with type, importance and doc`
    const fault = typeFault(name, key['type'])
    if (fault !== null) return fault
    const other = propertyFault(name, key as unknown as ConfigKey, config as ConfigDef)
    if (other !== null) return `its config property '${name}' ${other}`
  }
  for (const name of FUNCTIONS[value.type]) {
    const given = (value as Fields)[name]
    if (typeof given !== 'function') return lackOf(name, Object.keys(value))
    if (isClass(given)) return classFault(name, given.name)
  }
  return null
}

/** Of the exports of a module: plugins that would be taken for one another, each pair as a sentence. */
export function twiceFaults(exports: readonly (readonly [string, unknown])[]): readonly string[] {
  const first = new Map<string, readonly [string, unknown]>()
  return exports.flatMap(([name, value]) => {
    if (!isNamed(value)) return []
    const identity = `${value.type} ${value.class} ${String((value as Fields)['version'])}`
    const known = first.get(identity)
    if (known === undefined) first.set(identity, [name, value])
    // one plugin by two names, such as its own and `default`, is no mistake
    if (known === undefined || known[1] === value) return []
    return [
      `exports the ${value.type} ${value.class} twice, as '${known[0]}' and as '${name}': only '${known[0]}' is used; give each its own 'class'`,
    ]
  })
}

const isClass = (given: unknown): given is { readonly name: string } =>
  typeof given === 'function' && /^class\b/.test(Function.prototype.toString.call(given))

const classFault = (name: string, given: string): string =>
  `its '${name}' is a class, and is called as a function, without 'new': ${name}: (…given) => new ${given || 'It'}(…given)`

function typeFault(name: string, type: unknown): string | null {
  if (CONFIG_TYPES.includes(type as string)) return null
  if (typeof type !== 'string')
    return `its config property '${name}' has no 'type': ${CONFIG_TYPES.join(', ')}`
  const meant = CONFIG_WORDS[type.toLowerCase()] ?? nearest(type, CONFIG_TYPES)
  const hint = meant === null ? '' : `; did you mean '${meant}'?`
  return `its config property '${name}' has the type '${type}', which is none of ${CONFIG_TYPES.join(', ')}${hint}`
}

function lackOf(name: string, given: readonly string[]): string {
  const meant = nearest(name, given)
  return meant === null
    ? `it has no function '${name}'`
    : `it has no function '${name}'; is '${meant}' meant to be it?`
}

/** What a plugin's own function has returned, if it can do what is asked of it. Throws, and says what is wrong, if not. */
export function working<T>(made: T, who: string, functions: readonly (string | symbol)[]): T {
  if (typeof made !== 'object' || made === null)
    throw new ConnectError(
      'plugin',
      `${who} is ${made === null ? 'null' : `of type ${typeof made}`}, and must be an object`,
    )
  if (isNamed(made))
    throw new ConnectError(
      'plugin',
      `${who} is a plugin itself (${made.class}), and must be what that has started, with ${functions.map(nameOf).join(' and ')}`,
    )
  for (const name of functions) {
    if (typeof (made as { [name: string | symbol]: unknown })[name] === 'function') continue
    if (typeof name === 'symbol')
      throw new ConnectError(
        'plugin',
        `${who} has no function [${name.description}], which releases what it holds; one that holds nothing has 'async [Symbol.asyncDispose]() {}'`,
      )
    throw new ConnectError('plugin', `${who} is not what it must be: ${lackOf(name, Object.keys(made))}`)
  }
  return made
}

const nameOf = (name: string | symbol): string =>
  typeof name === 'symbol' ? `[${name.description}]` : `'${name}'`

/** What a plugin's own function opens, once it can do what is asked of it. A retriable error says here that nobody tries again. */
export async function openedBy<T>(
  who: string,
  open: () => MaybePromise<T>,
  functions: readonly (string | symbol)[],
): Promise<T> {
  let made: T
  try {
    made = await open()
  } catch (cause) {
    if (codeOf(cause) !== 'retriable') throw cause
    throw new ConnectError(
      'connect',
      `${who} could not be started: ${(cause as Error).message} (a retriable error, but starting is not tried again: wait in here for what is away, or open it in the first call that is)`,
      { cause },
    )
  }
  return working(made, who, functions)
}
