/** `node scripts/plugins.ts`: writes what plugins our packages have, so that a worker's start need not import them to know. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { packageOf } from '../packages/runtime/src/plugins/plugin-index.ts'
import { scanPlugins } from '../packages/runtime/src/plugins/scan.ts'

for (const name of ['builtin', 'formats']) {
  const entry = new URL(`../packages/${name}/src/index.ts`, import.meta.url).href
  const found = await packageOf(entry)
  if (found?.manifest.index === undefined) throw new Error(`${name} names no index in its manifest`)
  const { plugins, warnings } = await scanPlugins({ packages: [entry], paths: [] })
  if (warnings.length > 0) throw new Error(warnings.join('\n'))
  const indexed = plugins.map(({ location: _, module, ...plugin }) => ({
    ...plugin,
    module: `./${module.slice(found.folder.href.length)}`,
  }))
  await writeFile(
    fileURLToPath(new URL(found.manifest.index, found.folder)),
    `${JSON.stringify(indexed, null, 2)}\n`,
  )
  console.log(`${name}: ${indexed.length} plugins`)
}
