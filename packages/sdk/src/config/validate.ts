import { type ConnectError, codeOf } from '../errors.ts'
import type { ConfigDef, ConfigValue } from './def.ts'
import {
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
