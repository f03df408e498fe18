import type { Props } from '@isthmus/sdk'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { aliasTable } from '../plugins/registry.ts'

const NAMING = /^(key|value|header)\.converter$|^(transforms|predicates)\..+\.type$/

/**
 * The converters, transforms and predicates of a connector that did not come with the worker, by class: two connectors share a thread only
 * where they run the same ones, for their code may harm whatever is in it.
 */
export function addedPlugins(config: Props, plugins: readonly PluginDescriptor[]): readonly string[] {
  const added: string[] = []
  for (const [name, value] of Object.entries(config)) {
    if (!NAMING.test(name)) continue
    const named = aliasTable(plugins).get(value) ?? value
    if (plugins.some((plugin) => plugin.class === named && plugin.location !== 'classpath')) added.push(named)
  }
  return [...new Set(added)].sort()
}
