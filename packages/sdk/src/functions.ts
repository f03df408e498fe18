import type { ConfigDef, ConfigOf } from './config/def.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type {
  ConverterPlugin,
  PredicatePlugin,
  SchemaAndValue,
  Serialized,
  TransformPlugin,
} from './plugin.ts'
import type { ConnectRecord, Headers } from './record.ts'
import type { Schema, Value } from './schema/schema.ts'

/** Plugins that keep nothing between calls, written as plain functions. Whoever needs a state, or to close something, writes `open`. */
interface Named<D extends ConfigDef> {
  /** What connector configs call it. */
  readonly class: string
  readonly version?: string
  /** The properties it takes; `config` of the functions is made of them. */
  readonly config?: D
}

/**
 * A transform that keeps nothing between records, for a module to export. `apply` returns the record, a changed copy (`{ ...record, value }`), or null to drop
 * it; what it throws is treated as what a `Transform` throws.
 */
export function transform<const D extends ConfigDef = Record<never, never>>(
  plugin: Named<D> & {
    apply<R extends ConnectRecord>(record: R, config: ConfigOf<D>): MaybePromise<R | null>
  },
): TransformPlugin<D> {
  return {
    type: 'transformation',
    ...named(plugin),
    ...lacking(plugin, ['apply']),
    open: (config) => ({ apply: (record) => plugin.apply(record, config) }),
  }
}

/** A predicate that keeps nothing between records, for a module to export. `test` answers at once. */
export function predicate<const D extends ConfigDef = Record<never, never>>(
  plugin: Named<D> & { test(record: ConnectRecord, config: ConfigOf<D>): boolean },
): PredicatePlugin<D> {
  return {
    type: 'predicate',
    ...named(plugin),
    ...lacking(plugin, ['test']),
    open: (config) => ({ test: (record) => plugin.test(record, config) }),
  }
}

/** A converter that keeps nothing between records, for a module to export. `write` makes bytes of data, for sources; `read` data of bytes, for sinks; null is a tombstone both ways. */
export function converter<const D extends ConfigDef = Record<never, never>>(
  plugin: Named<D> & {
    write(
      data: {
        readonly topic: string
        readonly schema: Schema | null
        readonly value: Value
        readonly headers: Headers
      },
      config: ConfigOf<D>,
    ): MaybePromise<Serialized>
    read(
      data: { readonly topic: string; readonly bytes: Uint8Array | null; readonly headers: Headers },
      config: ConfigOf<D>,
    ): MaybePromise<SchemaAndValue>
  },
): ConverterPlugin<D> {
  return {
    type: 'converter',
    ...named(plugin),
    ...lacking(plugin, ['write', 'read']),
    open: (config) => ({
      fromConnectData: (topic, schema, value, headers) =>
        plugin.write({ topic, schema, value, headers }, config),
      toConnectData: (topic, bytes, headers) => plugin.read({ topic, bytes, headers }, config),
    }),
  }
}

const named = <D extends ConfigDef>({
  class: name,
  version = null,
  config,
}: Omit<Named<D>, 'version'> & { readonly version?: string | null }) => ({
  class: name,
  version,
  config: config ?? ({} as D),
})

/** JavaScript is not checked by types: whoever loads the plugin says what is missing. */
function lacking(plugin: object, functions: readonly string[]): Pick<TransformPlugin, 'lacks'> {
  const name = functions.find((one) => typeof (plugin as Record<string, unknown>)[one] !== 'function')
  return name === undefined ? {} : { lacks: { name, given: Object.keys(plugin) } }
}
