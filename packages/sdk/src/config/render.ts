import type { ConfigKey, ConfigType, ConfigValue } from './def.ts'
import { configText, defaultOf } from './parse.ts'

/** A property as the REST API shows how it is defined. */
export function renderKey(name: string, key: ConfigKey) {
  const value = defaultOf(name, key)
  return {
    name,
    type: inCapitals(key.type),
    required: value === undefined,
    default_value: value === undefined ? null : renderText(value, key.type),
    importance: inCapitals(key.importance),
    documentation: key.doc,
    group: key.group ?? null,
    order_in_group: key.order ?? -1,
    width: inCapitals(key.width ?? 'none'),
    display_name: key.displayName ?? name,
    dependents: key.dependents ?? [],
  }
}

/** A value as the REST API shows what was found in it; `type` is null for one without a definition. */
export function renderValue(value: ConfigValue, type: ConfigType | null) {
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

const inCapitals = <Word extends string>(word: Word) => word.toUpperCase() as Uppercase<Word>

function renderText(value: unknown, type: ConfigType | null): string | null {
  if (value === null || value === undefined) return null
  if (type === 'list' && Array.isArray(value)) return value.map(String).join(',')
  return configText(value, type ?? undefined)
}
