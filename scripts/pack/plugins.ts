import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { flatName, type SourceManifest, type WorkspacePackage } from './workspace.ts'

type Plugins = NonNullable<SourceManifest['isthmus']>

/** The modules with plugins of a package, by the names of their files in `lib`; with a prefix where they come with another package. */
export const pluginEntries = (
  { folder, manifest }: WorkspacePackage,
  prefix = '',
): { [name: string]: string } =>
  Object.fromEntries(
    (manifest.isthmus?.plugins ?? []).map((source) => [`${prefix}${flatName(source)}`, join(folder, source)]),
  )

/** The prefix of modules that come with another package. */
export const carriedPrefix = ({ short }: WorkspacePackage): string => `${short}-`

/** Writes the index of a package's own plugins, and answers the part of its manifest that is about them. */
export function writeOwn(owner: WorkspacePackage, staged: string): Plugins | undefined {
  return owner.manifest.isthmus === undefined
    ? undefined
    : write(owner, owner.manifest.isthmus, staged, (source) => `./lib/${flatName(source)}.js`)
}

/** Writes a manifest and an index for plugins that come with another package, into a folder of its `lib`, by which a worker finds them. */
export function writeCarried(carried: WorkspacePackage, folder: string): void {
  const { isthmus } = carried.manifest
  if (isthmus === undefined) throw new Error(`${carried.manifest.name} is located, and has no plugins`)
  mkdirSync(folder, { recursive: true })
  const staged = write(
    carried,
    isthmus,
    folder,
    (source) => `../${carriedPrefix(carried)}${flatName(source)}.js`,
  )
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ type: 'module', isthmus: staged }, null, 2)}\n`,
  )
}

function write(
  { folder }: WorkspacePackage,
  { plugins, index }: Plugins,
  staged: string,
  moved: (source: string) => string,
): Plugins {
  const known = JSON.parse(readFileSync(join(folder, index), 'utf8')) as readonly {
    readonly module: string
  }[]
  const entries = known.map((plugin) => ({ ...plugin, module: moved(plugin.module) }))
  writeFileSync(join(staged, 'plugins.json'), `${JSON.stringify(entries, null, 2)}\n`)
  return { plugins: plugins.map(moved), index: './plugins.json' }
}
