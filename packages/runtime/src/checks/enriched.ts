import type { ConfigDef, ConfigKey, PredicatePlugin, TransformPlugin } from '@isthmus/sdk'
import { parseValue, underPrefix } from '@isthmus/sdk/config'
import { sinkDef } from '../config/sink.ts'
import { sourceDef } from '../config/source.ts'
import type { PluginDescriptor, PluginType } from '../plugins/descriptor.ts'
import { loadPlugin } from '../plugins/load.ts'
import { abstractMessage, CONVERTER_PROPERTIES, converterTypes, findPlugin } from '../plugins/registry.ts'
import { type Pin, pinnedPlugin, versionsOf } from '../plugins/version.ts'

type Texts = { readonly [name: string]: string | null }

/**
 * The definition that a connector's config is validated with: defaults and recommendations depend on the worker and its plugins, and
 * the properties of transforms and predicates on the aliases that are named.
 */
export async function enrichedDef(
  connector: PluginDescriptor,
  props: Texts,
  worker: Texts,
  plugins: readonly PluginDescriptor[],
): Promise<ConfigDef> {
  const def: { [name: string]: ConfigKey } = { ...frameworkDef(connector) }
  const version = def['connector.plugin.version']
  if (version !== undefined)
    def['connector.plugin.version'] = {
      ...version,
      default: textsOf(plugins, [connector.type], connector.class).at(-1) ?? null,
      recommend: () => textsOf(plugins, [connector.type], connector.class),
    }
  for (const property of CONVERTER_PROPERTIES)
    enrichConverter(def, property, { props, worker, plugins, beside: connector.location })
  await enrichAliases(def, 'transforms', props, plugins, connector.location)
  await enrichAliases(def, 'predicates', props, plugins, connector.location)
  return def
}

/** Without a config: as the plugin's page of the API shows it. */
export function frameworkDef(connector: PluginDescriptor): ConfigDef {
  const def: ConfigDef = connector.type === 'sink' ? sinkDef : sourceDef
  const version = def['connector.plugin.version']
  return version === undefined
    ? def
    : { ...def, 'connector.plugin.version': { ...version, default: connector.version } }
}

const textsOf = (plugins: readonly PluginDescriptor[], types: readonly PluginType[], name: string) => [
  ...new Set(versionsOf(plugins, types, name).flatMap(({ version }) => version ?? [])),
]

const classesOf = (plugins: readonly PluginDescriptor[], types: readonly PluginType[]): string[] => [
  ...new Set(
    plugins
      .filter(
        ({ type, headers }) =>
          types.includes(type) &&
          (!types.includes('header_converter') || type !== 'converter' || headers !== false),
      )
      .map((plugin) => plugin.class)
      .sort(),
  ),
]

function enrichConverter(
  def: { [name: string]: ConfigKey },
  property: string,
  {
    props,
    worker,
    plugins,
    beside,
  }: { props: Texts; worker: Texts; plugins: readonly PluginDescriptor[]; beside: string },
): void {
  const key = def[property]
  const versionName = `${property}.plugin.version`
  const version = def[versionName]
  if (key === undefined || version === undefined) return
  const types = converterTypes(property)
  const fallback =
    worker[property] ??
    (property === 'header.converter' ? 'org.apache.kafka.connect.storage.SimpleHeaderConverter' : null)
  const found = fallback === null ? undefined : findPlugin(plugins, types, fallback)
  const own = props[property]
  const chosen = own ? pinnedPlugin(plugins, types, own, { beside }) : found
  const kind = property === 'header.converter' ? 'HeaderConverter' : 'Converter'
  def[property] = {
    ...key,
    default: found?.class ?? null,
    recommend: () => classesOf(plugins, types),
    validate: (value) =>
      value === null || findPlugin(plugins, types, String(value)) !== undefined
        ? null
        : { message: notImplemented(value, kind) },
  }
  def[versionName] = {
    ...version,
    default: (own === undefined ? worker[versionName] : null) ?? chosen?.version ?? null,
    recommend: () => (chosen === undefined ? [] : textsOf(plugins, types, chosen.class)),
  }
}

const notImplemented = (value: unknown, kind: string): string =>
  `Class class ${value} does not implement the ${kind} interface`

const KINDS = {
  transforms: { type: 'transformation', word: 'transformation', base: 'Transformation', group: 'Transforms' },
  predicates: { type: 'predicate', word: 'predicate', base: 'Predicate', group: 'Predicates' },
} as const

/** What every transform has, whatever it defines itself. */
const IMPLICIT: ConfigDef = {
  predicate: {
    type: 'string',
    default: null,
    importance: 'medium',
    doc: 'Alias of the predicate that decides whether this transformation is applied.',
  },
  negate: {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    doc: 'Whether the predicate is negated.',
  },
}

async function enrichAliases(
  def: { [name: string]: ConfigKey },
  property: keyof typeof KINDS,
  props: Texts,
  plugins: readonly PluginDescriptor[],
  beside: string,
): Promise<void> {
  const { type, word, base, group } = KINDS[property]
  const aliases = parseValue(property, props[property] ?? '', 'list') as readonly string[]
  for (const alias of new Set(aliases)) {
    const prefix = `${property}.${alias}.`
    const className = props[`${prefix}type`]?.trim()
    const version = props[`${prefix}plugin.version`]
    const found = className === undefined ? undefined : pinnedPlugin(plugins, [type], className, { beside })
    const { plugin: chosen, failure } = pinnedOrFailure(plugins, type, className, { version, beside })
    const layout = { importance: 'high', group: `${group}: ${alias}`, width: 'long' } as const
    def[`${prefix}type`] = {
      ...layout,
      type: 'class',
      order: 0,
      displayName: `${base} type for ${alias}`,
      doc: `Class for the '${alias}' ${word}.`,
      recommend: () => classesOf(plugins, [type]),
      validate: (value) => typeMessage(value, prefix, props, base, plugins, type) ?? failure,
    }
    def[`${prefix}plugin.version`] = {
      ...layout,
      type: 'string',
      default: found?.version ?? null,
      validate: () => failure,
      order: 1,
      displayName: `${base} version for ${alias}`,
      doc: `Version of the '${alias}' ${word}.`,
      recommend: () => (found === undefined ? [] : textsOf(plugins, [type], found.class)),
    }
    if (chosen === undefined) continue
    const plugin = (await loadPlugin(chosen)) as TransformPlugin | PredicatePlugin
    const own = property === 'transforms' ? { ...plugin.config, ...IMPLICIT } : plugin.config
    Object.assign(def, underPrefix(own, prefix, `${group}: ${alias}`, 2))
  }
}

/** The version that is asked for; it is an error of the class and of the version when there is none. */
function pinnedOrFailure(
  plugins: readonly PluginDescriptor[],
  type: PluginType,
  name: string | undefined,
  pin: Pin,
): { readonly plugin?: PluginDescriptor | undefined; readonly failure: { readonly message: string } | null } {
  if (name === undefined) return { failure: null }
  try {
    return { plugin: pinnedPlugin(plugins, [type], name, pin), failure: null }
  } catch (error) {
    return { failure: { message: (error as Error).message } }
  }
}

function typeMessage(
  value: unknown,
  prefix: string,
  props: Texts,
  base: string,
  plugins: readonly PluginDescriptor[],
  type: PluginType,
): { message: string } | null {
  if (props[`${prefix}negate`] !== undefined && props[`${prefix}predicate`] === undefined)
    return {
      message: `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
    }
  if (value === null || findPlugin(plugins, [type], String(value)) !== undefined) return null
  return {
    message: abstractMessage(plugins, [type], String(value)) ?? notImplemented(value, base),
  }
}
