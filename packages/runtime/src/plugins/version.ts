import { ConnectError, type Props } from '@isthmus/sdk'
import type { PluginDescriptor, PluginType } from './descriptor.ts'
import { compareVersions, findConnector, findPlugin } from './registry.ts'

const SHOWN: readonly PluginType[] = [
  'sink',
  'source',
  'converter',
  'header_converter',
  'transformation',
  'predicate',
]

/** The plugin of that name or alias, of the version that is asked for: the newest, one version, or a range like `[1.0,2.0)`. */
export function pluginNamed(
  plugins: readonly PluginDescriptor[],
  name: string,
  version: string | null,
): PluginDescriptor {
  const newest = findPlugin(plugins, [...SHOWN, 'config_provider'], name)
  if (newest === undefined) throw new ConnectError('not-found', `Unknown plugin ${name}.`)
  if (!SHOWN.includes(newest.type))
    throw new ConnectError(
      'bad-request',
      `Invalid plugin class ${name}. Valid types are ${SHOWN.join(', ')}.`,
    )
  const matches = requirementOf(version)
  if (matches === null) return newest
  const versions = plugins.filter((plugin) => plugin.class === newest.class && plugin.type === newest.type)
  const found = findPlugin(
    versions.filter((plugin) => plugin.version !== null && matches(plugin.version)),
    [newest.type],
    newest.class,
  )
  if (found === undefined)
    throw new ConnectError(
      'bad-request',
      `Plugin ${newest.class} has version ${newest.version} which does not match the required version range ${rangeText(version ?? '')}`,
    )
  return found
}

const rangeText = (version: string): string => (/^[[(]/.test(version) ? version : `[${version}]`)

/** null: any. */
function requirementOf(text: string | null): ((version: string) => boolean) | null {
  const version = text?.trim() ?? ''
  if (version === '' || version === 'latest') return null
  if (/^[\w.+-]+$/.test(version)) return (one) => one === version
  const [, open = '', from = '', comma, to = '', close = ''] =
    /^([[(])\s*([\w.+-]*)\s*(,)?\s*([\w.+-]*)\s*([\])])$/.exec(version) ?? []
  if (open === '' || (comma === undefined && (from === '' || open + close !== '[]')))
    throw new ConnectError('bad-request', `Invalid version specification: ${version}`)
  const upper = comma === undefined ? from : to
  return (one) => {
    const low = from === '' ? 1 : compareVersions(one, from)
    const high = upper === '' ? -1 : compareVersions(one, upper)
    return (low > 0 || (low === 0 && open === '[')) && (high < 0 || (high === 0 && close === ']'))
  }
}

/** Of a connector's plugin; null when its class is not known or stands for a variable. */
export function connectorVersion(plugins: readonly PluginDescriptor[], config: Props): string | null {
  try {
    return findConnector(plugins, (config['connector.class'] ?? '').trim()).version
  } catch {
    return null
  }
}
