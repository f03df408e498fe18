import { ConnectError } from '@isthmus/sdk'
import type { PluginDescriptor, PluginType } from './descriptor.ts'
import { compareMavenVersions } from './maven-version.ts'

const HEADERS = ['header_converter', 'converter'] as const
const CONVERTERS = ['converter'] as const

/** Which kinds of plugins a property of converters may name. */
export const converterTypes = (property: string): readonly PluginType[] =>
  property === 'header.converter' ? HEADERS : CONVERTERS

/** The properties of a worker or a connector that name converters. */
export const CONVERTER_PROPERTIES = ['key.converter', 'value.converter', 'header.converter'] as const

const SUFFIX: { readonly [T in PluginType]: string } = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  transformation: 'Transformation',
  predicate: 'Predicate',
  config_provider: 'ConfigProvider',
}

export const isConnector = (plugin: PluginDescriptor) => plugin.type === 'source' || plugin.type === 'sink'

/** The part after the last dot or, as Java names nested classes, dollar sign. */
const simpleName = (className: string) => className.slice(className.search(/[^.$]*$/))

/** The simple name, and the simple name without the suffix of its kind. */
export function aliasesOf(plugin: PluginDescriptor): readonly string[] {
  const simple = simpleName(plugin.class)
  const cut = simple.lastIndexOf(SUFFIX[plugin.type])
  return cut > 0 ? [simple.slice(0, cut), simple] : [simple]
}

/** Lists of plugins live as long as what goes by them. */
const aliasTables = new WeakMap<readonly PluginDescriptor[], ReadonlyMap<string, string>>()

/** Every name that stands for one class only, of whatever kind. */
export function aliasTable(plugins: readonly PluginDescriptor[]): ReadonlyMap<string, string> {
  const known = aliasTables.get(plugins) ?? aliasTableOf(plugins)
  aliasTables.set(plugins, known)
  return known
}

function aliasTableOf(plugins: readonly PluginDescriptor[]): ReadonlyMap<string, string> {
  const classes = new Map<string, Set<string>>()
  for (const plugin of plugins)
    for (const alias of aliasesOf(plugin))
      classes.set(alias, (classes.get(alias) ?? new Set()).add(plugin.class))
  const table = new Map<string, string>()
  for (const [alias, named] of classes) {
    const [only] = named
    if (named.size === 1 && only !== undefined) table.set(alias, only)
  }
  return table
}

/** The plugin of a kind by class name or alias; of several versions the newest. */
export function findPlugin(
  plugins: readonly PluginDescriptor[],
  types: readonly PluginType[],
  name: string,
): PluginDescriptor | undefined {
  const className = plugins.some((plugin) => plugin.class === name) ? name : aliasTable(plugins).get(name)
  return newest(plugins.filter((plugin) => plugin.class === className && types.includes(plugin.type)))
}

/** What Java says of a class that is no plugin itself but holds some, as `…Cast` holds `…Cast$Key`; null for any other. */
export function abstractMessage(
  plugins: readonly PluginDescriptor[],
  types: readonly PluginType[],
  name: string,
): string | null {
  const nested = plugins.filter(
    (plugin) => types.includes(plugin.type) && plugin.class.startsWith(`${name}$`),
  )
  if (nested.length === 0) return null
  const classes = nested.map((plugin) => plugin.class).sort()
  return `This class is abstract and cannot be created. Did you mean ${classes.join(', ')}?`
}

/** A connector's class may also be its simple name alone, with or without `Connector`. */
export function findConnector(plugins: readonly PluginDescriptor[], name: string): PluginDescriptor {
  const exact = findPlugin(plugins, ['source', 'sink'], name)
  if (exact !== undefined) return exact
  const connectors = plugins.filter(isConnector)
  const matches = connectors.filter((plugin) => {
    const simple = simpleName(plugin.class)
    return simple === name || simple === `${name}Connector`
  })
  const classes = new Set(matches.map((plugin) => plugin.class))
  if (classes.size > 1)
    throw new ConnectError(
      'plugin',
      `More than one connector matches alias ${name}. Please use full package and class name instead. Classes found: ${describe(matches)}`,
    )
  const found = newest(matches)
  if (found === undefined)
    throw new ConnectError(
      'plugin',
      `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${describe(connectors)}`,
    )
  return found
}

/** As Java's `PluginDesc` prints, which messages of the REST API show. */
const describe = (plugins: readonly PluginDescriptor[]) =>
  [...plugins]
    .sort((a, b) => (a.type + a.class < b.type + b.class ? -1 : 1))
    .map(
      ({ class: name, version, type, location }) =>
        `PluginDesc{klass=class ${name}, name='${name}', version='${version}', encodedVersion=${version}, type=${type}, typeName='${type}', location='${location}'}`,
    )
    .join(', ')

function newest(plugins: readonly PluginDescriptor[]): PluginDescriptor | undefined {
  return plugins.reduce<PluginDescriptor | undefined>(
    (best, plugin) => (best === undefined || byPrecedence(plugin, best) > 0 ? plugin : best),
    undefined,
  )
}

/**
 * What counts more is the greater: the newer version; of one version that which comes with the worker, and else that whose place is the later by
 * its name, as in Java.
 */
export function byPrecedence(a: PluginDescriptor, b: PluginDescriptor): number {
  const shipped = Number(a.location === 'classpath') - Number(b.location === 'classpath')
  const place = Number(a.location > b.location) - Number(a.location < b.location)
  return compareVersions(a.version, b.version) || shipped || place
}

/** In Maven's order, as Java compares them; no version is the oldest. */
export function compareVersions(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return compareMavenVersions(a, b)
}
