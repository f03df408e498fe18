import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type IndexedPlugin, packageOf } from './plugin-index.ts'
import { scanPlugins } from './scan.ts'

/**
 * Writes what plugins a package has into the index that its manifest names, so that a worker's start need not import them to know.
 * Its modules are imported here: they have to be trusted. Answers how many plugins there are.
 */
export async function writePluginIndex(entryUrl: string): Promise<number> {
  const found = await packageOf(entryUrl)
  const index = found?.manifest.index
  if (found === null || index === undefined)
    throw new Error(`The manifest of ${entryUrl} names no index of its plugins`)
  const { plugins, warnings } = await scanPlugins({ packages: [entryUrl], paths: [] })
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  const indexed = plugins.map(
    ({ location: _, stamp: __, module, ...plugin }): IndexedPlugin => ({
      ...plugin,
      module: `./${module.slice(found.folder.href.length)}`,
    }),
  )
  await writeFile(fileURLToPath(new URL(index, found.folder)), `${JSON.stringify(indexed, null, 2)}\n`)
  return indexed.length
}
