import { type ConnectError, codeOf } from '../errors.ts'
import type { ConfigDef, ConfigKey, ConfigType, ConfigValue } from './def.ts'
import {
  configText,
  defaultOf,
  missingMessage,
  type ParseOptions,
  parseValue,
  undefinedDependents,
  validationMessage,
} from './parse.ts'

interface Draft {
  value: unknown
  recommendedValues: readonly unknown[]
  errors: string[]
  visible: boolean
}

/**
 * All that is wrong with the properties, each with every message, as REST shows it; in the order of the definition. A
 * value that does not parse is still given to its validator, as null: Java reports both.
 */
export async function validateAll(
  def: ConfigDef,
  props: { readonly [name: string]: string | null },
  options: ParseOptions = {},
): Promise<readonly ConfigValue[]> {
  const drafts = new Map<string, Draft>()
  for (const name of Object.keys(def))
    drafts.set(name, { value: null, recommendedValues: [], errors: [], visible: true })
  const roots = Object.keys(def).filter(isRootOf(def))
  const parsed: { [name: string]: unknown } = {}
  for (const root of roots) parseInto(def, root, props, options, drafts, parsed)
  await Promise.all(roots.map((root) => recommendInto(def, root, drafts, parsed)))
  for (const name of undefinedDependents(def))
    drafts.set(name, {
      value: null,
      recommendedValues: [],
      errors: [`${name} is referred in the dependents, but not defined.`],
      visible: false,
    })
  return [...drafts].map(([name, draft]) => ({ name, ...draft }))
}

function isRootOf(def: ConfigDef) {
  const dependents = new Set(Object.values(def).flatMap((key) => key.dependents ?? []))
  return (name: string) => !dependents.has(name)
}

function parseInto(
  def: ConfigDef,
  name: string,
  props: { readonly [name: string]: string | null },
  options: ParseOptions,
  drafts: ReadonlyMap<string, Draft>,
  parsed: { [name: string]: unknown },
): void {
  const key = def[name]
  const draft = drafts.get(name)
  if (key === undefined || draft === undefined) return
  let value: unknown = null
  if (Object.hasOwn(props, name)) {
    try {
      value = parseValue(name, props[name] ?? null, key.type, options)
    } catch (error) {
      addError(draft, error)
    }
  } else {
    value = defaultOf(name, key)
    if (value === undefined) {
      draft.errors.push(missingMessage(name))
      value = null
    }
  }
  const message = validationMessage(name, key, value)
  if (message !== null) draft.errors.push(message)
  draft.value = value
  parsed[name] = value
  for (const dependent of key.dependents ?? []) parseInto(def, dependent, props, options, drafts, parsed)
}

async function recommendInto(
  def: ConfigDef,
  name: string,
  drafts: ReadonlyMap<string, Draft>,
  parsed: { readonly [name: string]: unknown },
): Promise<void> {
  const key = def[name]
  const draft = drafts.get(name)
  if (key === undefined || draft === undefined) return
  try {
    if (key.recommend) draft.recommendedValues = await key.recommend(name, parsed)
    if (key.visible) draft.visible = await key.visible(name, parsed)
  } catch (error) {
    addError(draft, error)
  }
  for (const dependent of key.dependents ?? []) await recommendInto(def, dependent, drafts, parsed)
}

/** A `config` error becomes a message of the property; any other is a defect of the plugin and passes. */
function addError(draft: Draft, error: unknown): void {
  if (codeOf(error) !== 'config') throw error
  draft.errors.push((error as ConnectError).message)
}

/** REST's `ConfigKeyInfo`. */
export interface ConfigKeyInfo {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: string
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: string
  readonly display_name: string
  readonly dependents: readonly string[]
}
/** REST's `ConfigValueInfo`. */
export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly (string | null)[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

export function renderKey(name: string, key: ConfigKey): ConfigKeyInfo {
  const value = defaultOf(name, key)
  return {
    name,
    type: key.type.toUpperCase(),
    required: value === undefined,
    default_value: value === undefined ? null : renderText(value, key.type),
    importance: key.importance.toUpperCase(),
    documentation: key.doc,
    group: key.group ?? null,
    order_in_group: key.order ?? -1,
    width: (key.width ?? 'none').toUpperCase(),
    display_name: key.displayName ?? name,
    dependents: key.dependents ?? [],
  }
}

/** `type` is null for a value without a definition. */
export function renderValue(value: ConfigValue, type: ConfigType | null): ConfigValueInfo {
  return {
    name: value.name,
    value: renderText(value.value, type),
    recommended_values: value.recommendedValues.map((item) =>
      renderText(item, type === 'list' ? 'string' : type),
    ),
    errors: value.errors,
    visible: value.visible,
  }
}

function renderText(value: unknown, type: ConfigType | null): string | null {
  if (value === null || value === undefined) return null
  if (type === 'list' && Array.isArray(value)) return value.map(String).join(',')
  return configText(value, type ?? undefined)
}
