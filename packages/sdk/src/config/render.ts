import type { ConfigKey, ConfigType, ConfigValue } from './def.ts'
import { configText, defaultOf } from './parse.ts'

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
