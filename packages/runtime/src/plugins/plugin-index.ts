import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ModulePlugin, PluginDescriptor } from './descriptor.ts'

/** The part of a package's manifest that is about plugins. */
export interface PluginManifest {
  /** The modules with plugins, one by one, so that a thread loads only what it runs; the entry of the package when absent. */
  readonly plugins?: readonly string[]
  /** A file that says what a scan of those modules finds, so that a start need not import them. */
  readonly index?: string
}

/** A plugin in an index: the module is a path from the manifest; where and what its files are is left out. */
export type IndexedPlugin = Omit<ModulePlugin, 'location' | 'stamp'>

/** The manifest of the package that a module belongs to, and its folder; null when there is none. */
export async function packageOf(
  entryUrl: string,
): Promise<{ readonly folder: URL; readonly manifest: PluginManifest } | null> {
  for (let folder = new URL('.', entryUrl); folder.pathname !== '/'; folder = new URL('..', folder)) {
    const text = await readFile(fileURLToPath(new URL('package.json', folder)), 'utf8').catch(() => null)
    if (text !== null)
      return { folder, manifest: (JSON.parse(text) as { isthmus?: PluginManifest }).isthmus ?? {} }
  }
  return null
}

/** The plugins of a package by its index; null when it has none, or one that is not about the modules of its manifest. */
export async function indexedPlugins(entryUrl: string): Promise<readonly PluginDescriptor[] | null> {
  const found = await packageOf(entryUrl)
  if (found?.manifest.index === undefined) return null
  const { folder, manifest } = found
  const file = fileURLToPath(new URL(manifest.index ?? '', folder))
  const indexed = JSON.parse(await readFile(file, 'utf8')) as readonly IndexedPlugin[]
  const modules = new Set(indexed.map(({ module }) => module))
  const listed = new Set(manifest.plugins)
  if (modules.symmetricDifference(listed).size > 0) return null
  return indexed.map((plugin) => ({
    ...plugin,
    module: new URL(plugin.module, folder).href,
    location: 'classpath',
    stamp: '',
  }))
}
