import type { ConfigDef, ConfigKey, Validator } from './def.ts'
import { validationMessage } from './parse.ts'

/** The properties that start with a prefix, without it: a transform's own out of a connector's. */
export function withoutPrefix(
  props: { readonly [name: string]: string },
  prefix: string,
): { readonly [name: string]: string } {
  const own: { [name: string]: string } = {}
  for (const [name, text] of Object.entries(props))
    if (name.startsWith(prefix)) own[name.slice(prefix.length)] = text
  return own
}

/**
 * A definition under a prefix, to validate it as part of a larger one (Java's `ConfigDef.embed`). As there, validators
 * and recommenders see the names without the prefix, and so do the validators' messages.
 */
export function underPrefix(def: ConfigDef, prefix: string, groupPrefix: string, firstOrder = 0): ConfigDef {
  const embedded: { [name: string]: ConfigKey } = {}
  let order = firstOrder
  for (const [name, key] of sortedForManual(def)) {
    const { recommend, visible } = key
    embedded[prefix + name] = {
      ...key,
      group: groupPrefix + (key.group === undefined ? '' : `: ${key.group}`),
      order: order++,
      displayName: key.displayName ?? name,
      ...(key.dependents && { dependents: key.dependents.map((dependent) => prefix + dependent) }),
      ...(key.validate && { validate: validatorUnderPrefix(key, key.validate, prefix) }),
      ...(recommend && {
        recommend: (full, values) =>
          recommend(full.slice(prefix.length), valuesWithoutPrefix(values, prefix)),
      }),
      ...(visible && {
        visible: (full, values) => visible(full.slice(prefix.length), valuesWithoutPrefix(values, prefix)),
      }),
    }
  }
  return embedded
}

function validatorUnderPrefix(key: ConfigKey, validate: Validator, prefix: string): Validator {
  const embedded = (value: unknown, full: string) => {
    const message = validationMessage(full.slice(prefix.length), key, value)
    return message === null ? null : { message }
  }
  return validate.description === undefined
    ? embedded
    : Object.assign(embedded, { description: validate.description })
}

function valuesWithoutPrefix(values: { readonly [name: string]: unknown }, prefix: string) {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )
}

const IMPORTANCE = { high: 0, medium: 1, low: 2 }

/** Java's order for the manual: by group, place in the group, required first, importance, name. */
function sortedForManual(def: ConfigDef): [string, ConfigKey][] {
  const groups = [...new Set(Object.values(def).map((key) => key.group))]
  const groupRank = (key: ConfigKey) => (key.group === undefined ? -1 : groups.indexOf(key.group))
  return Object.entries(def).sort(
    ([aName, a], [bName, b]) =>
      groupRank(a) - groupRank(b) ||
      (a.order ?? -1) - (b.order ?? -1) ||
      Number(a.default !== undefined) - Number(b.default !== undefined) ||
      IMPORTANCE[a.importance] - IMPORTANCE[b.importance] ||
      (aName < bName ? -1 : aName > bName ? 1 : 0),
  )
}
