import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ModulePlugin, PluginDescriptor } from './descriptor.ts'
import { isFoundPlugin } from './found.ts'

/** The part of a package's manifest that is about plugins. */
export interface PluginManifest {
  /** The modules with plugins, one by one, so that a thread loads only what it runs; the entry of the package when absent. */
  readonly plugins?: readonly string[]
  /** A file that says what a scan of those modules finds, so that a start need not import them. */
  readonly index?: string
}

/** A plugin in an index: the module is a path from the manifest; where and what its files are is left out. */
export type IndexedPlugin = Omit<ModulePlugin, 'location' | 'stamp'>

/** A package with plugins. */
export interface PluginPackage {
  /** URL of its folder, with a slash at its end. */
  readonly folder: URL
  readonly manifest: PluginManifest
}

/** The package that a module belongs to; null when it has no manifest. Throws when that cannot be read. */
export function packageOf(entryUrl: string): PluginPackage | null {
  for (let folder = new URL('.', entryUrl); folder.pathname !== '/'; folder = new URL('..', folder)) {
    let text: string
    try {
      text = readFileSync(fileURLToPath(new URL('package.json', folder)), 'utf8')
    } catch {
      continue
    }
    return { folder, manifest: (JSON.parse(text) as { isthmus?: PluginManifest }).isthmus ?? {} }
  }
  return null
}

/**
 * The plugins of a package by its index; null when it has none, or one that is not about the modules of its manifest. Throws when the index
 * is not what `node scripts/plugins.ts` writes.
 */
export function indexedPlugins({ folder, manifest }: PluginPackage): readonly PluginDescriptor[] | null {
  if (manifest.index === undefined) return null
  const file = fileURLToPath(new URL(manifest.index, folder))
  const indexed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Array.isArray(indexed)) throw new Error(`${file} is no array of plugins`)
  const plugins = indexed.map((plugin: unknown) => {
    if (isIndexed(plugin)) return plugin
    throw new Error(`${file} has an entry that is no plugin: ${JSON.stringify(plugin)}`)
  })
  const modules = new Set(plugins.map(({ module }) => module))
  const listed = new Set(manifest.plugins)
  if (modules.symmetricDifference(listed).size > 0) return null
  return plugins.map((plugin) => ({
    ...plugin,
    module: new URL(plugin.module, folder).href,
    location: 'classpath',
    stamp: '',
  }))
}

const isIndexed = (plugin: unknown): plugin is IndexedPlugin =>
  isFoundPlugin(plugin) && typeof (plugin as { module?: unknown }).module === 'string'
