import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type IndexedPlugin, type PluginPackage, packageOf } from './plugin-index.ts'
import { scanModule } from './scan.ts'

/**
 * Writes what plugins a package has into the index that its manifest names, so that a worker's start need not import them to know.
 * Its modules are imported here: they have to be trusted. Answers how many plugins there are.
 */
export async function writePluginIndex(entryUrl: string): Promise<number> {
  const found = packageOf(entryUrl)
  const index = found?.manifest.index
  if (found === null || index === undefined)
    throw new Error(`The manifest of ${entryUrl} names no index of its plugins`)
  const indexed = await importedPlugins(found)
  await writeFile(fileURLToPath(new URL(index, found.folder)), `${JSON.stringify(indexed, null, 2)}\n`)
  return indexed.length
}

/** What its modules export. */
export async function importedPlugins({
  folder,
  manifest,
}: PluginPackage): Promise<readonly IndexedPlugin[]> {
  const indexed: IndexedPlugin[] = []
  for (const module of manifest.plugins ?? []) {
    const url = new URL(module, folder).href
    const { plugins, warnings } = await scanModule({ module: url, location: 'classpath' })
    if (warnings.length > 0) throw new Error(warnings.join('\n'))
    indexed.push(...plugins.map((plugin) => ({ ...plugin, module })))
  }
  return indexed
}
