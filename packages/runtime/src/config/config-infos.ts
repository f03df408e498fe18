import type { ConfigInfos } from '@isthmus/rest-api'
import type { ConfigDef, ConfigValue } from '@isthmus/sdk'
import { renderKey, renderValue } from '@isthmus/sdk/config'

/** Of REST's answer to a validation. */
type Part = Omit<ConfigInfos, 'name'>

const groupsOf = (def: ConfigDef): string[] =>
  Object.values(def).flatMap(({ group }) => (group === undefined ? [] : [group]))

/** Values without a definition come first; of several values of one name the last counts. */
export function infosOf(
  defs: readonly ConfigDef[],
  values: readonly ConfigValue[],
  moreGroups: readonly string[] = [],
): Part {
  const def: ConfigDef = Object.assign({}, ...defs)
  const byName = new Map(values.map((value) => [value.name, value]))
  const undefinedOnes = values.filter(({ name }) => !Object.hasOwn(def, name))
  const configs = [
    ...undefinedOnes.map((value) => ({ definition: null, value: renderValue(value, null) })),
    ...Object.entries(def).flatMap(([name, key]) => {
      const value = byName.get(name)
      if (value === undefined || key.internal === true) return []
      return [{ definition: renderKey(name, key), value: renderValue(value, key.type) }]
    }),
  ]
  return {
    error_count: configs.reduce((sum, { value }) => sum + value.errors.length, 0),
    groups: [...new Set([...defs.flatMap(groupsOf), ...moreGroups])],
    configs,
  }
}

/** The properties of a converter under its prefix. Of an erroneous property one error is counted, as Java does. */
export function prefixedInfos(def: ConfigDef, values: readonly ConfigValue[], prefix: string): Part {
  const configs = values.map((value) => {
    const key = def[value.name]
    return {
      definition: key === undefined ? null : { ...renderKey(value.name, key), name: prefix + value.name },
      value: { ...renderValue(value, key?.type ?? null), name: prefix + value.name },
    }
  })
  return {
    error_count: configs.filter(({ value }) => value.errors.length > 0).length,
    groups: [...new Set(groupsOf(def))],
    configs,
  }
}

export const mergedInfos = (name: string, parts: readonly Part[]): ConfigInfos => ({
  name,
  error_count: parts.reduce((sum, part) => sum + part.error_count, 0),
  groups: [...new Set(parts.flatMap(({ groups }) => groups))],
  configs: parts.flatMap(({ configs }) => configs),
})
