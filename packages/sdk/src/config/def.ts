import type { MaybePromise } from '../maybe-promise.ts'
import type { Secret } from './secret.ts'

/** What a property is, once: parsing, validation, REST and the manual follow from it (Java's `ConfigDef`). */
export type ConfigType =
  | 'boolean'
  | 'string'
  | 'int'
  | 'short'
  | 'long'
  | 'double'
  | 'list'
  | 'class'
  | 'password'

interface TypeOf {
  boolean: boolean
  string: string
  int: number
  short: number
  long: number
  double: number
  list: readonly string[]
  class: string
  password: Secret
}

/**
 * Says what is wrong with a value, or null. A string is the reason only: `Invalid value <v> for configuration <k>: ` is put before
 * it. `{ message }` is the whole text, for the validators whose Java twin words it differently. Called with the typed value,
 * also when that is null.
 */
export interface Validator {
  (value: unknown, name: string): string | { readonly message: string } | null
  /** As the manual shows it, for instance `[1,...]`. */
  readonly description?: string
  /** Parsing for use drops repeated list entries before it asks; validating for REST reports them. */
  readonly distinct?: boolean
}

/** One property: what it is called in a definition is its name. */
export interface ConfigKey<T extends ConfigType = ConfigType> {
  readonly type: T
  /** Absent: required. `null`: optional without a value. Text is parsed as if it were configured. */
  readonly default?: TypeOf[T] | string | number | null
  readonly validate?: Validator
  readonly importance: 'high' | 'medium' | 'low'
  readonly doc: string
  readonly group?: string
  readonly order?: number
  readonly width?: 'none' | 'short' | 'medium' | 'long'
  readonly displayName?: string
  /** Properties whose validity depends on this one. */
  readonly dependents?: readonly string[]
  /**
   * Values that make sense, given the others as parsed; asked when a config is validated. The source may be asked what it has: properties are
   * asked all at once. A `config` error thrown here becomes an error of the property.
   */
  readonly recommend?: (
    name: string,
    values: { readonly [name: string]: unknown },
  ) => MaybePromise<readonly unknown[]>
  /** Whether the property matters, given the others as parsed; asked and answered as `recommend` is, after it. */
  readonly visible?: (name: string, values: { readonly [name: string]: unknown }) => MaybePromise<boolean>
  /** Not shown, not documented: for what a connector tells its tasks by their configs. It needs a default, which the connector's own config has. */
  readonly internal?: boolean
}

/** By property name, in the order of the manual. `raw` is no property name. */
export type ConfigDef = { readonly [name: string]: ConfigKey }

type ValueOf<K> = K extends { type: infer T extends ConfigType }
  ? K extends { default: null }
    ? TypeOf[T] | null
    : TypeOf[T]
  : never

/** The parsed configuration: a value for each property of the definition, and `raw`, the text as configured. */
export type ConfigOf<D extends ConfigDef> = { readonly [N in keyof D]: ValueOf<D[N]> } & {
  readonly raw: { readonly [name: string]: string }
}

/** One property after validation, as REST shows it. */
export interface ConfigValue {
  readonly name: string
  readonly value: unknown
  readonly recommendedValues: readonly unknown[]
  readonly errors: readonly string[]
  readonly visible: boolean
}
