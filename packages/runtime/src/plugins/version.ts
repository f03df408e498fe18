import { fileURLToPath } from 'node:url'
import { ConnectError, type Props } from '@isthmus/sdk'
import type { PluginDescriptor, PluginType } from './descriptor.ts'
import { byPrecedence, findConnector, findPlugin } from './registry.ts'
import { parseVersionRange, type VersionRange } from './version-range.ts'

/** Which version of a plugin is wanted (KIP-891). */
export interface Pin {
  /** One version, or ranges of them; the latest when absent. */
  readonly version?: string | null | undefined
  /** Where the connector was found: a plugin that comes with it is preferred. */
  readonly beside?: string | null
}

/** Whether a version of a plugin matches is known only once there is one; which names stand for which class is the registry's. */
function chosenOf(candidates: readonly PluginDescriptor[], pin: Pin): PluginDescriptor | undefined {
  const range = parseVersionRange(pin.version)
  const matching = candidates.filter(
    (plugin) => range === null || range.contains(plugin.version ?? UNDEFINED),
  )
  const [first] = candidates
  if (range !== null && first !== undefined && matching.length === 0)
    throw new ConnectError('config', noVersionMessage(first.class, range, candidates))
  const beside = matching.find(({ location }) => location !== 'classpath' && location === pin.beside)
  return beside ?? [...matching].sort(byPrecedence).at(-1)
}

/** As Java calls the version of a plugin that has none. */
const UNDEFINED = 'undefined'

function noVersionMessage(
  name: string,
  range: VersionRange,
  candidates: readonly PluginDescriptor[],
): string {
  // a converter that converts headers as well is there twice in Java
  const versions = [...candidates]
    .sort(byPrecedence)
    .flatMap(({ version, headers }) =>
      Array.from({ length: headers === true ? 2 : 1 }, () => version ?? UNDEFINED),
    )
  return `Plugin ${name} not found that matches the version range ${range.text}, available versions: [${versions.join(', ')}]`
}

/** All versions of a plugin, the oldest first; none when there is no such plugin. */
export function versionsOf(
  plugins: readonly PluginDescriptor[],
  types: readonly PluginType[],
  name: string,
): readonly PluginDescriptor[] {
  const found = findPlugin(plugins, types, name)
  if (found === undefined) return []
  return plugins
    .filter(({ class: one, type }) => one === found.class && type === found.type)
    .sort(byPrecedence)
}

/** The version of a plugin that is wanted. Rejects in Java's words when there are others only. */
export function pinnedPlugin(
  plugins: readonly PluginDescriptor[],
  types: readonly PluginType[],
  name: string,
  pin: Pin,
): PluginDescriptor | undefined {
  return chosenOf(versionsOf(plugins, types, name.trim()), pin)
}

/** The plugins without the other versions of the one that is wanted. */
export function narrowed(
  plugins: readonly PluginDescriptor[],
  types: readonly PluginType[],
  name: string | undefined,
  pin: Pin,
): readonly PluginDescriptor[] {
  const chosen = name === undefined ? undefined : pinnedPlugin(plugins, types, name, pin)
  return chosen === undefined
    ? plugins
    : plugins.filter((one) => one.class !== chosen.class || one === chosen)
}

/** The connector that a config names, of the version that it names. */
export function connectorPlugin(
  plugins: readonly PluginDescriptor[],
  config: { readonly [name: string]: string | null },
): PluginDescriptor {
  const newest = findConnector(plugins, config['connector.class'] ?? '')
  const versions = plugins.filter((one) => one.class === newest.class && one.type === newest.type)
  return chosenOf(versions, { version: config['connector.plugin.version'] }) ?? newest
}

/** Of a connector's plugin; null when its class or version is not known or stands for a variable. */
export function connectorVersion(plugins: readonly PluginDescriptor[], config: Props): string | null {
  return connectorOrNull(plugins, config)?.version ?? null
}
/** Where a connector was found. */
export function connectorLocation(plugins: readonly PluginDescriptor[], config: Props): string | null {
  return connectorOrNull(plugins, config)?.location ?? null
}
function connectorOrNull(plugins: readonly PluginDescriptor[], config: Props): PluginDescriptor | null {
  try {
    return connectorPlugin(plugins, config)
  } catch {
    return null
  }
}

/** One line for each class that is there twice in one version: of two versions the newer counts, of these nobody could tell. */
export function duplicateWarnings(plugins: readonly PluginDescriptor[]): readonly string[] {
  const sameVersion = new Map<string, PluginDescriptor[]>()
  for (const plugin of plugins) {
    const key = [plugin.type, plugin.class, plugin.version].join('\u0000')
    sameVersion.set(key, [...(sameVersion.get(key) ?? []), plugin])
  }
  return [...sameVersion.values()].flatMap((same) => {
    const counts = chosenOf(same, {})
    if (same.length < 2 || counts === undefined) return []
    const places = same.map(placeOf).join(' and ')
    const version = counts.version === null ? '' : ` ${counts.version}`
    return [`The plugin ${counts.class}${version} is in ${places}: that of ${placeOf(counts)} counts.`]
  })
}

/** Of what comes with the worker there may be several packages. */
const placeOf = ({ location, module }: PluginDescriptor): string =>
  location === 'classpath' && module.startsWith('file:') ? fileURLToPath(module) : location

const SHOWN: readonly PluginType[] = [
  'sink',
  'source',
  'converter',
  'header_converter',
  'transformation',
  'predicate',
]

/** For the API: the plugin of a name or alias, of the version that is asked for. */
export function pluginNamed(
  plugins: readonly PluginDescriptor[],
  name: string,
  version: string | null,
): PluginDescriptor {
  const range = requestedRange(version)
  const newest = findPlugin(plugins, [...SHOWN, 'config_provider'], name)
  if (newest === undefined) throw new ConnectError('not-found', `Unknown plugin ${name}.`)
  if (!SHOWN.includes(newest.type))
    throw new ConnectError(
      'bad-request',
      `Invalid plugin class ${name}. Valid types are ${SHOWN.join(', ')}.`,
    )
  if (range === null) return newest
  try {
    return pinnedPlugin(plugins, [newest.type], newest.class, { version }) ?? newest
  } catch (error) {
    throw new ConnectError('bad-request', (error as Error).message)
  }
}

function requestedRange(version: string | null): VersionRange | null {
  try {
    return parseVersionRange(version)
  } catch (cause) {
    throw new ConnectError('bad-request', `Invalid version specification: ${version}`, { cause })
  }
}
